{# The form event: something that happened once, with a date and amounts; another row may cancel it. #}

{# Body of a model of the rows that cancel another: the row each of them cancels, or the rule it breaks. Both leave every count then;
   of a cancelling that is refused the original stays. `rows` are accepted and valid rows, `names` the record's words:
     key, cancels        the event's number, and that of the event a row cancels
     is_cancelling       what says that a row cancels (where it names another, unless told otherwise)
     date                of several cancellings of one event the earliest counts, then the smaller number
     region              a number belongs to the province that gave it
     amounts, equal      columns that must be minus the original's to 0.01, and columns that must be the original's to 0.01
     same                columns that must be the original's
   `refusals` are the rules broken where the original is not there or cancels itself (`absent`), differs (`unequal`), or was
   cancelled before (`again`). #}
{% macro cancelling_rows(rows, names, refusals) -%}
{%- if not names -%}select 1 as parsed from {{ rows }} as parsed{%- else -%}
{%- set is_cancelling = names.is_cancelling or names.cancels ~ ' is not null' -%}
{%- set conditions = [] -%}
{%- for amount in names.amounts -%}
    {%- do conditions.append('abs(coalesce(cancelling.' ~ amount ~ ', 0) + coalesce(originals.' ~ amount ~ ', 0)) <= 0.01') -%}
{%- endfor -%}
{%- for amount in names.equal or [] -%}
    {%- do conditions.append('abs(coalesce(cancelling.' ~ amount ~ ', 0) - coalesce(originals.' ~ amount ~ ', 0)) <= 0.01') -%}
{%- endfor -%}
{%- for name in names.same or [] -%}
    {%- set pair = 'cancelling.' ~ name ~ ' = originals.' ~ name -%}
    {%- do conditions.append('coalesce(' ~ pair ~ ', cancelling.' ~ name ~ ' is null and originals.' ~ name ~ ' is null)') -%}
{%- endfor -%}
with

accepted as (

    select * from {{ rows }} as events

),

cancelling as (

    select * from accepted where {{ is_cancelling }}

),

originals as (

    select
        *,
        row_number() over (partition by {{ names.key }}, {{ province_of(names.region) }} order by batch_id nulls last, row_no nulls last) as copy_no

    from accepted
    where not ({{ is_cancelling }})

),

compared as (

    select
        cancelling.batch_id,
        cancelling.row_no,
        cancelling.row_key,
        cancelling.{{ names.key }},
        cancelling.{{ names.date }},
        cancelling.{{ names.cancels }},
        originals.batch_id as original_batch_id,
        originals.row_no as original_row_no,
        {{ province_of('cancelling.' ~ names.region) }} as province_code,
        {{ conditions | join('\n        and ') }} as is_opposite

    from cancelling
    left join originals
        on cancelling.{{ names.cancels }} = originals.{{ names.key }}
        and {{ province_of('cancelling.' ~ names.region) }} = {{ province_of('originals.' ~ names.region) }}
        and originals.copy_no = 1

),

numbered as (

    select
        *,
        row_number() over (
            partition by {{ names.cancels }}, province_code, is_opposite
            order by {{ names.date }} nulls last, {{ names.key }} nulls last, batch_id nulls last, row_no nulls last
        ) as cancelling_no

    from compared

)

select
    batch_id,
    row_no,
    row_key,
    original_batch_id,
    original_row_no,
    case
        when original_row_no is null then '{{ refusals.absent }}'
        when not is_opposite then '{{ refusals.unequal }}'
        when cancelling_no > 1 then '{{ refusals.again }}'
    end as rule_code

from numbered
{%- endif -%}
{%- endmacro %}

{# Body of a model of firsts: of each object (the columns `object`) the first of its events in a calendar year, so that months and
   regions add up to exact distinct counts. Values of a dimension do not add up, since an object may have events of several: for each
   of `breakdowns` (lists of `dimensions`) and for the total an object is counted by itself, with `_T` in the other dimensions.
   `year` is the event's year, `order` what comes first; the columns `kept` are the first event's. Rows where a dimension of the
   breakdown is null are no event of it. #}
{% macro first_of_year(rows, object, year, order, kept, dimensions, breakdowns) -%}
{%- for breakdown in [[]] + breakdowns -%}
{%- if not loop.first %}

union all

{% endif -%}
select
    {%- for name in kept %}
    {{ name }},
    {%- endfor %}
    {%- for dimension in dimensions %}
    {{ dimension if dimension in breakdown else "'_T' as " ~ dimension }}{{ ',' if not loop.last }}
    {%- endfor %}

from (
    select
        *,
        row_number() over (partition by {{ (object + [year] + breakdown) | join(', ') }} order by {{ order | join(' nulls last, ') }} nulls last) as event_no

    from {{ rows }} as events
    {%- if breakdown %}
    where {% for dimension in breakdown %}{{ dimension }} is not null{{ ' and ' if not loop.last }}{% endfor %}
    {%- endif %}
) as numbered
where event_no = 1
{%- endfor %}
{%- endmacro %}
