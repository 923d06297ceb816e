-- Among the published figures themselves: a total against the sum of its parts, wherever all parts were printed.
{%- set splits = [
    ('scheme', ['employee', 'resident'], {}),
    ('member_status', ['in_service', 'retired'], {'scheme': 'employee'}),
    ('employer_type', ['enterprise', 'government_institution', 'flexible_other'], {'scheme': 'employee'}),
    ('account_mode', ['pooling_and_account', 'pooling_only'], {'scheme': 'employee'}),
    ('fund_part', ['pooled', 'account'], {}),
    ('care_type', ['outpatient_emergency', 'outpatient_chronic', 'inpatient', 'pharmacy'], {}),
] %}

with

figures as (

    select
        published.*,
        published.value * published.scale as base_value,
        cast(0.5 as double) / power(10, published.printed_decimals) * published.scale as half_unit,
        notes.standing

    from {{ ref('published_figures') }} as published
    left join {{ ref('figure_notes') }} as notes on published.figure_id = notes.figure_id
    where published.indicator is not null
        and published.value_column = 'value'
        -- In 2018 seven provinces still kept a third scheme.
        and published.year >= 2019
        -- A faulty copy stands beside the good one.
        and coalesce(notes.standing, '') <> 'source_fault'
        and published.unit not in ('%', '元', '天', '倍')

),

compared as (

    {% for dimension, parts, fixed in splits -%}
    select
        totals.figure_id || ' by {{ dimension }}' as identity,
        totals.year,
        totals.vintage,
        max(totals.base_value) as total,
        sum(parts.base_value) as parts_sum,
        count(*) as parts,
        max(totals.half_unit) + sum(parts.half_unit) as allowed,
        max(coalesce(totals.standing, parts.standing)) as standing

    from figures as totals
    inner join figures as parts
        on totals.indicator = parts.indicator
        and totals.year = parts.year
        and totals.vintage = parts.vintage
        and totals.{{ dimension }} in ('_T', '_Z')
        and parts.{{ dimension }} in ('{{ parts | join("', '") }}')
        {%- for other in ['account_mode', 'care_type', 'counterpart_region', 'employer_type', 'fund_part', 'hospital_level', 'member_status', 'scheme', 'settle_mode', 'side', 'travel_scope'] if other != dimension %}
        and replace(totals.{{ other }}, '_Z', '_T') = replace(parts.{{ other }}, '_Z', '_T')
        {%- endfor %}
    group by totals.figure_id, totals.year, totals.vintage
    having count(distinct parts.{{ dimension }}) = {{ parts | length }}
        and count(*) = {{ parts | length }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select
    identity,
    cast(year as int) as year,
    vintage,
    cast(parts as int) as parts,
    cast(total as decimal(28, 2)) as total,
    cast(parts_sum as decimal(28, 2)) as parts_sum,
    cast(parts_sum - total as decimal(28, 2)) as difference,
    cast(allowed as decimal(28, 2)) as allowed,
    case
        when abs(parts_sum - total) <= allowed * 1.000001 then 'holds'
        when standing is not null then 'explained'
        else 'fails'
    end as status

from compared
