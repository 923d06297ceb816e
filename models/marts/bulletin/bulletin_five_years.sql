{%- set charts = [
    ('employee_members_structure', 'members', {'scheme': 'employee', 'member_status': 'in_service'}, 'in_service'),
    ('employee_members_structure', 'members', {'scheme': 'employee', 'member_status': 'retired'}, 'retired'),
    ('employee_fund', 'fund_income', {'scheme': 'employee'}, 'income'),
    ('employee_fund', 'fund_expenditure', {'scheme': 'employee'}, 'expenditure'),
    ('employee_inpatient', 'avg_inpatient_cost', {'scheme': 'employee'}, 'cost_per_stay'),
    ('employee_inpatient', 'discharges', {'scheme': 'employee'}, 'discharges'),
    ('resident_fund', 'fund_income', {'scheme': 'resident'}, 'income'),
    ('resident_fund', 'fund_expenditure', {'scheme': 'resident'}, 'expenditure'),
    ('resident_visits', 'benefit_visits', {'scheme': 'resident'}, 'benefit_visits'),
    ('resident_visits', 'institution_visits', {'scheme': 'resident'}, 'institution_visits'),
    ('resident_inpatient', 'avg_inpatient_cost', {'scheme': 'resident'}, 'cost_per_stay'),
    ('resident_inpatient', 'discharges', {'scheme': 'resident'}, 'discharges'),
    ('maternity', 'maternity_members', {}, 'members'),
    ('maternity', 'maternity_benefit_visits', {}, 'benefit_visits'),
    ('away_care', 'away_visits', {}, 'visits'),
    ('away_care', 'away_cost', {}, 'cost'),
] %}


with

series as (

    {% for chart, indicator, filters, name in charts -%}
    select
        '{{ chart }}' as chart,
        '{{ name }}' as series,
        year,
        region_code,
        printed_value,
        print_unit_zh,
        print_unit_en

    from {{ ref('bulletin_figures') }}
    where indicator = '{{ indicator }}'
        and region_level in ('nation', 'province')
        and dims = '{{ dims_of(filters) }}'
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

editions as (

    select distinct year as edition_year from series

)

select
    editions.edition_year,
    series.chart,
    series.series,
    series.year,
    series.region_code,
    series.printed_value,
    series.print_unit_zh,
    series.print_unit_en

from editions
inner join series on series.year between editions.edition_year - 4 and editions.edition_year
