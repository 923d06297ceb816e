-- A region's population is what was delivered for it; only where nothing was, the sum of the next level below that was.
{%- set counts = ['resident_population', 'eligible_population'] %}
with

delivered as (

    select delivered.*
    from {{ ref('int_delivered_populations') }} as delivered
    cross join {{ ref('reporting_period') }} as period
    where delivered.year_no between period.first_year - 1 and period.last_year

),

counties as (

    select year_no, region_code, {{ counts | join(', ') }} from delivered where region_level = 'county'

),
{% for level, above, below in [('prefecture', 'province', 'counties'), ('province', 'nation', 'prefectures'), ('nation', none, 'provinces')] %}
{%- set parent = {'prefecture': prefecture_of('region_code'), 'province': province_of('region_code'), 'nation': "'100000'"}[level] %}
{{ level }}s as (

    select
        coalesce(own.year_no, below.year_no) as year_no,
        coalesce(own.region_code, below.region_code) as region_code,
        {%- for count in counts %}
        coalesce(own.{{ count }}, below.{{ count }}) as {{ count }}{{ ',' if not loop.last }}
        {%- endfor %}

    from (select * from delivered where region_level = '{{ level }}') as own
    full outer join (
        select
            year_no,
            {{ parent }} as region_code,
            {%- for count in counts %}
            sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ below }}
        group by 1, 2
    ) as below
        on own.year_no = below.year_no
        and own.region_code = below.region_code

),
{% endfor %}
places as (

    select *, 'county' as region_level from counties
    union all
    select *, 'prefecture' as region_level from prefectures
    union all
    select *, 'province' as region_level from provinces
    union all
    select *, 'nation' as region_level from nations

)

select
    {{ month_end('(year_no * 12 + 11)') }} as month,
    region_code,
    region_level,
    cast(resident_population as decimal(28, 2)) as resident_population,
    cast(eligible_population as decimal(28, 2)) as eligible_population

from places
