select
    {{ month_end('month_no') }} as month,
    region_code,
    scheme,
    member_status,
    care_type,
    hospital_level,
    travel_scope,
    cast(sum(visits) as decimal(28, 6)) as visits,
    cast(sum(discharges) as decimal(28, 6)) as discharges,
    cast(sum(bed_days) as decimal(28, 6)) as bed_days,
    cast(sum(total_cost) as decimal(28, 8)) as medical_cost,
    cast(sum(fund_paid) as decimal(28, 8)) as fund_paid,
    cast(sum(catalog_cost) as decimal(28, 8)) as catalog_cost,
    cast(sum(catalog_fund_paid) as decimal(28, 8)) as catalog_fund_paid,
    cast(sum(in_scope_cost) as decimal(28, 8)) as in_scope_cost,
    cast(sum(in_scope_fund_paid) as decimal(28, 8)) as in_scope_fund_paid

from {{ ref('care_cube') }}
where scheme in ('employee', 'resident')
group by month_no, region_code, scheme, member_status, care_type, hospital_level, travel_scope
