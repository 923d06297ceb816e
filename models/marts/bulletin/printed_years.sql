-- What the printed tables need of the observations, taken out once: each level as it prints itself, in one unit over the years.
select
    indicator,
    dims,
    cast(time_period as int) as year,
    region_code,
    region_level,
    value,
    printed_value,
    printed_change,
    printed_growth_pct,
    print_unit_zh,
    print_unit_en

from {{ ref('bulletin_figures') }}
where period_kind = 'year'
    and region_level in ('{{ var("bulletin_levels") | join("', '") }}')
    and print_level = case when region_level = 'nation' and has_one_unit then 'nation' else 'below' end
