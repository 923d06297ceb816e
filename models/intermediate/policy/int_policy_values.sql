{#- A place and what lies above it; a province's own level is nothing between a province and the nation. -#}
{%- set prefecture = "case when substr(places.region_code, 3, 4) <> '0000' then " ~ prefecture_of('places.region_code') ~ " end" -%}
{%- set places -%}
(
            select region_code from {{ ref('regions') }} where region_level in ('nation', 'province', 'prefecture') and in_statistics
            union
            select region_code from {{ ref('accepted_policy_parameter') }}
        )
{%- endset -%}
{%- set given -%}
(
        select
            given.*,
            given.region_code as given_by,
            places.region_code as place_code,
            case given.region_code
                when places.region_code then 0
                when {{ prefecture }} then 1
                when {{ province_of('places.region_code') }} then 2
                else 3
            end as steps_above

        from {{ ref('accepted_policy_parameter') }} as given
        inner join {{ places }} as places
            on given.region_code in (places.region_code, {{ prefecture }}, {{ province_of('places.region_code') }}, '100000')
        where given.status_code = 'in_force'
    )
{%- endset -%}
-- Rule policy-in-force-1: a place has the value it sets itself, else that of the nearest place above it; of several that it sets, the one that
-- begins last. A value is never averaged and never goes up.
{{ held_objects(
    given,
    ['place_code', 'topic_code', 'param'],
    ['value', 'unit_code', 'rule_id', 'given_by'],
    ['steps_above', 'began_on desc', 'updated_at desc', 'sequence desc', 'row_no desc']
) }}
