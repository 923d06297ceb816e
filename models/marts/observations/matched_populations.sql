-- Members of the places that have a population as well, with that population: what a rate of both is made of. A place with a
-- population of its own is whole, and so is one of whose places below every one is; of another, the places below that have both count.
{%- set counts = ['resident_population', 'eligible_population'] %}
with

members as (

    select
        cast(time_period as int) as year_no,
        region_code,
        region_level,
        members

    from {{ ref('rollup_enrollment') }}
    where period_kind = 'year'
        and breakdown = ''
        and members is not null

),

-- Every place that has a population or members; nobody insured where the register was delivered is 0 members.
known as (

    select year_no, region_code, region_level from members
    union
    select year_no, region_code, region_level from {{ ref('int_delivered_populations') }}
    union
    select year_no, region_code, region_level
    from (
        select extract(year from month) as year_no, region_code, region_level from {{ ref('fct_population') }}
    ) as summed

),

places as (

    select
        known.year_no,
        known.region_code,
        known.region_level,
        coalesce(members.members, case when coverage.is_delivered then 0 end) as members,
        populations.resident_population,
        populations.eligible_population

    from known
    left join members
        on known.year_no = members.year_no
        and known.region_code = members.region_code
        and known.region_level = members.region_level
    left join {{ ref('int_delivered_populations') }} as populations
        on known.year_no = populations.year_no
        and known.region_code = populations.region_code
        and known.region_level = populations.region_level
    left join {{ ref('int_delivery_coverage') }} as coverage
        on coverage.record = 'enrollment'
        and coverage.measure = 'stock'
        and {{ delivering_region('known') }} = coverage.region_code
        and coverage.period_kind = 'year'
        and cast(known.year_no as {{ dbt.type_string() }}) = coverage.time_period

),

provinces_listed as (

    select count(*) as provinces from {{ ref('regions') }} where kind = 'province'

),
{% for count in counts %}
{{ count }}_counties as (

    select
        year_no,
        region_code,
        'county' as region_level,
        members,
        {{ count }} as population,
        members is not null and {{ count }} is not null as is_whole,
        0 as places_below,
        0 as places_matched

    from places
    where region_level = 'county'

),
{% for level, below in [('prefecture', 'counties'), ('province', 'prefectures'), ('nation', 'provinces')] %}
{%- set parent = {'prefecture': prefecture_of('region_code'), 'province': province_of('region_code'), 'nation': "'100000'"}[level] %}
{{ count }}_{{ level }}s_below as (

    select
        below.year_no,
        {{ parent }} as region_code,
        sum(case when below.members is not null and below.population is not null then below.members end) as members,
        sum(case when below.members is not null and below.population is not null then below.population end) as population,
        -- The Corps is expected where it delivers; a province's own level has no population.
        {% if level == 'nation' -%}
        greatest(count(*), max(provinces_listed.provinces) + count(case when region_code = '660000' then 1 end)) as places_below,
        count(members) as places_with_members,
        {%- else -%}
        count(case when substr(region_code, 3, 2) <> '99' then 1 end) as places_below,
        count(members) as places_with_members,
        {%- endif %}
        count(case when below.is_whole then 1 end) as places_matched

    from {{ count }}_{{ below }} as below
    {% if level == 'nation' %}cross join provinces_listed
    {% endif -%}
    group by 1, 2

),

{{ count }}_{{ level }}s as (

    select
        year_no,
        region_code,
        region_level,
        case when is_whole then members_of_place else members_below end as members,
        case when is_whole then coalesce(population_of_place, population_below) else population_below end as population,
        is_whole,
        places_below,
        places_matched

    from (
        select
            places.year_no,
            places.region_code,
            places.region_level,
            places.members as members_of_place,
            places.{{ count }} as population_of_place,
            below.members as members_below,
            below.population as population_below,
            coalesce(below.places_below, 0) as places_below,
            coalesce(below.places_matched, 0) as places_matched,
            places.members is not null
            and (
                {% if level == 'nation' -%}
                (places.{{ count }} is not null and below.places_with_members = below.places_below)
                {%- else -%}
                places.{{ count }} is not null
                {%- endif %}
                or coalesce(below.places_below > 0 and below.places_matched = below.places_below, false)
            ) as is_whole

        from places
        left join {{ count }}_{{ level }}s_below as below
            on places.year_no = below.year_no
            and places.region_code = below.region_code
        where places.region_level = '{{ level }}'
    ) as {{ level }}

),
{% endfor %}
{%- endfor %}
together as (

    {% for count in counts -%}
    {% for level in ['countie', 'prefecture', 'province', 'nation'] -%}
    select '{{ count }}' as denominator, * from {{ count }}_{{ level }}s
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

matched as (

    select * from together where members is not null and population > 0

)

select
    this.denominator,
    this.year_no,
    this.region_code,
    this.region_level,
    this.members,
    this.population,
    this.is_whole,
    this.places_below,
    this.places_matched,
    before.members as previous_members,
    before.population as previous_population,
    coalesce(this.is_whole and before.is_whole, false) as has_no_gap

from matched as this
left join matched as before
    on this.denominator = before.denominator
    and this.region_code = before.region_code
    and this.region_level = before.region_level
    and this.year_no = before.year_no + 1
