{{ config(materialized='view') }}

-- The one place where a figure is rounded: half-up, once, from its full value.
select
    observations.indicator,
    catalogue.label_zh,
    catalogue.label_en,
    catalogue.section,
    observations.dims,
    observations.region_code,
    observations.region_level,
    observations.period_kind,
    observations.time_period,
    units.print_level,
    observations.value,
    observations.numerator,
    observations.denominator,
    observations.previous_value,
    observations.change,
    observations.growth_pct,
    {{ print_value('observations.value', 'units.print_factor', 'units.last_digit') }} as printed_value,
    {{ print_value('observations.change', 'units.print_factor', 'units.last_digit') }} as printed_change,
    cast(round(observations.growth_pct, 1) as decimal(28, 4)) as printed_growth_pct,
    units.print_unit_zh,
    units.print_unit_en,
    units.print_scale,
    units.decimals,
    units.has_one_unit,
    observations.scope_id,
    observations.status

from {{ ref('observations') }} as observations
inner join {{ ref('indicator_catalogue') }} as catalogue on observations.indicator = catalogue.indicator
inner join {{ ref('print_units') }} as units
    on catalogue.print_group = units.unit_group
    and cast(substr(observations.time_period, 1, 4) as int) between units.from_year and units.to_year
    and (units.print_level = 'below' or observations.region_level = 'nation')
