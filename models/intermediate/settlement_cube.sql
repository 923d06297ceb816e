{%- set cell = ['month_no', 'insured_region_code', 'insurance_type_code', 'person_class_code', 'visit_type_code', 'hospital_level_code',
    'travel_scope', 'destination_code', 'weight'] | join(',\n    ') -%}

select
    {{ cell }},
    count(*) as settlements,
    sum(case when counts_as_visit and not is_inpatient then 1 else 0 end) as visits,
    sum(total_cost) as total_cost,
    sum(fund_paid) as fund_paid,
    sum(case when own_expense is not null then total_cost - own_expense end) as catalog_cost,
    sum(case when own_expense is not null then fund_paid end) as catalog_fund_paid,
    sum(in_scope_cost) as in_scope_cost,
    sum(case when in_scope_cost is not null then fund_paid end) as in_scope_fund_paid

from {{ ref('counted_settlements') }}
group by
    {{ cell }}
