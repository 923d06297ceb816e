-- Of the nation alone a year prints as its edition of the bulletin does, a year without one as the nearest edition. Below the nation,
-- and beside such places, every year prints as the newest edition does, unless the unit group has a row for that level. Where editions
-- print the nation in several units, years that stand beside one another print as below the nation does: in one.
with

formats as (

    select * from {{ ref('print_formats') }}

),

editions as (

    select
        *,
        min(print_scale) over (partition by unit_group) = max(print_scale) over (partition by unit_group) as has_one_unit,
        lag(edition_year) over (partition by unit_group order by edition_year nulls last) as previous_edition,
        lead(edition_year) over (partition by unit_group order by edition_year nulls last) as next_edition

    from formats
    where level = 'nation'

),

levels as (

    select
        unit_group,
        level as print_level,
        case when previous_edition is null then 0 else edition_year end as from_year,
        coalesce(next_edition - 1, 9999) as to_year,
        print_unit_zh,
        print_unit_en,
        print_scale,
        decimals,
        has_one_unit

    from editions

    union all

    select
        editions.unit_group,
        'below' as print_level,
        0 as from_year,
        9999 as to_year,
        coalesce(below.print_unit_zh, editions.print_unit_zh) as print_unit_zh,
        coalesce(below.print_unit_en, editions.print_unit_en) as print_unit_en,
        coalesce(below.print_scale, editions.print_scale) as print_scale,
        coalesce(below.decimals, editions.decimals) as decimals,
        editions.has_one_unit

    from editions
    left join formats as below
        on editions.unit_group = below.unit_group
        and below.level = 'below'
    where editions.next_edition is null

)

select
    unit_group,
    print_level,
    from_year,
    to_year,
    print_unit_zh,
    print_unit_en,
    print_scale,
    decimals,
    has_one_unit,
    {{ power_of_ten('decimals - cast(round(log10(print_scale), 0) as int)', range(-8, 5), 'decimal(13, 8)') }} as print_factor,
    {{ power_of_ten('-decimals', range(-4, 1), 'decimal(5, 4)') }} as last_digit

from levels
