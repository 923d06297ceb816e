-- What the printed tables need of the observations, taken out once: each level as it prints itself.
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
    and print_level = case when region_level = 'nation' then 'nation' else 'below' end
