-- The one place where a figure is rounded: half-up, once, from its full value, in the unit and to the decimals of the year's edition.
with

edition as (

    select min(edition_year) as first_edition, max(edition_year) as last_edition from {{ ref('print_formats') }}

)

select
    observations.indicator,
    catalogue.label_zh,
    catalogue.label_en,
    catalogue.section,
    cast(observations.time_period as int) as year,
    observations.region_code,
    observations.region_level,
    observations.dims,
    observations.breakdown,
    observations.value,
    {{ print_value('observations.value', 'formats.print_scale', 'formats.decimals') }} as printed_value,
    {{ print_value('observations.change', 'formats.print_scale', 'formats.decimals') }} as printed_change,
    cast(round(observations.growth_pct, 1) as decimal(28, 4)) as printed_growth_pct,
    formats.print_unit_zh,
    formats.print_unit_en,
    formats.decimals,
    observations.status

from {{ ref('observations') }} as observations
inner join {{ ref('indicator_catalogue') }} as catalogue on observations.indicator = catalogue.indicator
cross join edition
inner join {{ ref('print_formats') }} as formats
    on catalogue.print_group = formats.unit_group
    and formats.edition_year = least(greatest(cast(observations.time_period as int), edition.first_edition), edition.last_edition)
where observations.period_kind = 'year'
    and observations.region_level in ('{{ var("bulletin_levels") | join("', '") }}')
