select
    month_no,
    insured_region_code,
    insurance_type_code,
    substr(person_type_code, 1, 2) as person_class_code,
    visit_type_code,
    hospital_level_code,
    {{ travel_scope('insured_region_code', 'treatment_region_code') }} as travel_scope,
    case
        when {{ travel_scope('insured_region_code', 'treatment_region_code') }} <> 'local' then {{ province_of('treatment_region_code') }}
    end as destination_code,
    weight,
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
    month_no,
    insured_region_code,
    insurance_type_code,
    substr(person_type_code, 1, 2),
    visit_type_code,
    hospital_level_code,
    {{ travel_scope('insured_region_code', 'treatment_region_code') }},
    case
        when {{ travel_scope('insured_region_code', 'treatment_region_code') }} <> 'local' then {{ province_of('treatment_region_code') }}
    end,
    weight
