select
    {{ month_end('month_no') }} as month,
    region_code,
    scheme,
    care_type,
    travel_scope,
    destination_code as counterpart_region,
    cast(sum(visits) as decimal(28, 6)) as visits,
    cast(sum(total_cost) as decimal(28, 8)) as medical_cost

from {{ ref('care_cube') }}
where scheme in ('employee', 'resident')
    and travel_scope <> 'local'
    and care_type in ('outpatient_emergency', 'outpatient_chronic', 'inpatient')
group by month_no, region_code, scheme, care_type, travel_scope, destination_code
