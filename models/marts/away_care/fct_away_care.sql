select
    month,
    region_code,
    scheme,
    care_type,
    travel_scope,
    counterpart_region,
    cast(sum(visits) as decimal(28, 6)) as visits,
    cast(sum(medical_cost) as decimal(28, 8)) as medical_cost

from {{ ref('fct_care') }}
where travel_scope <> 'local'
    and care_type in ('outpatient_emergency', 'outpatient_chronic', 'inpatient')
group by month, region_code, scheme, care_type, travel_scope, counterpart_region
