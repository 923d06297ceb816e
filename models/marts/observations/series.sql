with

series as (

    select distinct
        indicator,
        dims,
        breakdown

    from {{ ref('observations') }}

),

pairs as (

    select
        cells.dims,
        {{ exploded('cells.dims', ';') }} as pair

    from (select distinct dims from series where dims <> '') as cells

),

named as (

    select
        dims,
        split_part(pair, '=', 1) as dimension,
        split_part(pair, '=', 2) as value

    from pairs

),

-- A cell in words: those of its values, in the order of the dimensions.
worded as (

    select
        named.dims,
        {{ listed('coalesce(codes.name_zh, regions.name_zh, named.value)', ' · ', 'dimensions.position') }} as dims_zh,
        {{ listed('coalesce(codes.name_en, regions.name_en, named.value)', ' · ', 'dimensions.position') }} as dims_en

    from named
    inner join {{ ref('dimensions') }} as dimensions on named.dimension = dimensions.dimension
    left join {{ ref('code_lists') }} as codes
        on dimensions.code_list = codes.list
        and named.value = codes.code
    left join {{ ref('regions') }} as regions
        on dimensions.code_list = 'regions'
        and named.value = regions.region_code
    group by named.dims

)

select
    catalogue.dataflow,
    series.indicator,
    series.dims,
    series.breakdown,
    catalogue.label_zh,
    catalogue.label_en,
    coalesce(worded.dims_zh, '合计') as dims_zh,
    coalesce(worded.dims_en, 'Total') as dims_en,
    catalogue.unit,
    catalogue.kind,
    catalogue.print_group,
    catalogue.section

from series
inner join {{ ref('indicator_catalogue') }} as catalogue on series.indicator = catalogue.indicator
left join worded on series.dims = worded.dims
