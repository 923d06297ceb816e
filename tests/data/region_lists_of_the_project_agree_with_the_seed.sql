-- Provinces, counties run as cities and successors stand in dbt_project.yml because row-level SQL needs them as constants.
with

from_seed as (

    select 'province' as kind, substr(region_code, 1, 2) as code, '' as successor
    from {{ ref('regions') }}
    where kind in ('province', 'corps')

    union all

    select 'county', region_code, ''
    from {{ ref('regions') }}
    where kind = 'county_as_city'

    union all

    select 'successor', substr(region_code, 1, 4), successor_code
    from {{ ref('regions') }}
    where kind = 'abolished'

    union all

    select distinct 'run by the province', substr(region_code, 1, 4), ''
    from {{ ref('regions') }}
    where kind = 'direct_city'

),

from_project as (

    {% for prefix in var('province_prefixes') -%}
    select 'province' as kind, '{{ prefix }}' as code, '' as successor
    union all
    {% endfor -%}
    {% for code in var('counties_run_as_cities') -%}
    select 'county', '{{ code }}', ''
    union all
    {% endfor -%}
    {% for code in var('run_by_the_province') -%}
    select 'run by the province', '{{ code }}', ''
    union all
    {% endfor -%}
    {% for old, new in var('successor_prefectures').items() -%}
    select 'successor', '{{ old }}', '{{ new }}'{{ '\n    union all\n    ' if not loop.last }}
    {%- endfor %}

)

select
    coalesce(from_seed.kind, from_project.kind) as kind,
    coalesce(from_seed.code, from_project.code) as code

from from_seed
full outer join from_project
    on from_seed.kind = from_project.kind
    and from_seed.code = from_project.code
    and from_seed.successor = from_project.successor
where from_seed.code is null
    or from_project.code is null
