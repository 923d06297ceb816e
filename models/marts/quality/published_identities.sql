{#- The parts of a total as the bulletins print them. -#}
{%- set parts = {
    'scheme': ['employee', 'resident'],
    'member_status': ['in_service', 'retired'],
    'employer_type': ['enterprise', 'government_institution', 'flexible_other'],
    'account_mode': ['pooling_and_account', 'pooling_only'],
    'fund_part': ['pooled', 'account'],
    'care_type': ['outpatient_emergency', 'outpatient_chronic', 'inpatient', 'pharmacy'],
} -%}

-- Among the published figures themselves: a total against the sum of its parts, wherever all parts were printed.
with

figures as (

    select
        published.figure_id,
        published.year,
        published.vintage,
        published.indicator,
        published.region_code,
        published.period_kind,
        coalesce(published.dims, '') as dims,
        published.value * published.scale as base_value,
        cast(0.5 as double) / power(10, published.printed_decimals) * published.scale as half_unit,
        notes.standing

    from {{ ref('published_figures') }} as published
    left join {{ ref('figure_notes') }} as notes on published.figure_id = notes.figure_id
    where published.value_column = 'value'
        -- In 2018 seven provinces still kept a third scheme.
        and published.year >= 2019
        -- A faulty copy stands beside the good one.
        and coalesce(notes.standing, '') <> 'source_fault'

),

-- Every printed cell as a part of the one without a dimension. A release need not hold all parts, so they are said here.
splits as (
    {% for dimension, values in parts.items() %}
    select distinct
        figures.indicator,
        figures.dims,
        '{{ dimension }}' as dimension,
        {{ without_dimension('figures.dims', "'" ~ dimension ~ "'") }} as total_dims,
        {{ values | length }} as parts

    from figures
    inner join {{ ref('indicator_catalogue') }} as catalogue on figures.indicator = catalogue.indicator
    where catalogue.kind <> 'ratio'
        and (
            {%- for value in values %}
            ';' || figures.dims || ';' like '%;{{ dimension }}={{ value }};%'{{ ' or' if not loop.last }}
            {%- endfor %}
        )
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

compared as (

    select
        totals.figure_id || ' by ' || splits.dimension as identity,
        totals.year,
        totals.vintage,
        splits.parts,
        max(totals.base_value) as total,
        sum(parts.base_value) as parts_sum,
        max(totals.half_unit) + sum(parts.half_unit) as allowed,
        max(coalesce(totals.standing, parts.standing)) as standing

    from figures as parts
    inner join splits
        on parts.indicator = splits.indicator
        and parts.dims = splits.dims
    inner join figures as totals
        on parts.indicator = totals.indicator
        and parts.region_code = totals.region_code
        and parts.period_kind = totals.period_kind
        and parts.year = totals.year
        and parts.vintage = totals.vintage
        and splits.total_dims = totals.dims
    group by totals.figure_id, splits.dimension, totals.year, totals.vintage, splits.parts
    having count(distinct parts.dims) = splits.parts
        and count(*) = splits.parts

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
