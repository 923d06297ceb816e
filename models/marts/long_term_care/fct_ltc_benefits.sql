select
    {{ month_end('month_no') }} as month,
    region_code,
    service_mode,
    care_grade,
    area_scope,
    cast(sum(weight) as decimal(28, 6)) as payments,
    cast(sum({{ weighted('fund_paid') }}) as decimal(28, 8)) as paid,
    cast(sum({{ weighted('person_paid') }}) as decimal(28, 8)) as person_paid,
    cast(sum({{ weighted('benefit_days') }}) as decimal(28, 8)) as days

from {{ ref('int_ltc_payments') }}
group by month_no, region_code, service_mode, care_grade, area_scope
