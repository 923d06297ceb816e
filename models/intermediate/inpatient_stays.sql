with

inpatient_rows as (

    select
        coalesce(visit_id, settlement_id) as visit_id,
        settlement_id,
        settled_at,
        month_no,
        insured_region_code,
        treatment_region_code,
        insurance_type_code,
        person_type_code,
        visit_type_code,
        hospital_level_code,
        weight,
        counts_as_visit,
        {{ stay_days('bed_days', 'began_on', 'ended_on') }} as bed_days

    from {{ ref('counted_settlements') }}
    where is_inpatient

),

numbered as (

    select
        *,
        sum(bed_days) over (partition by visit_id) as visit_bed_days,
        row_number() over (
            partition by visit_id
            order by case when counts_as_visit then 0 else 1 end, settled_at desc, settlement_id desc
        ) as row_of_visit

    from inpatient_rows

)

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
    count(*) as discharges,
    sum(visit_bed_days) as bed_days

from numbered
where row_of_visit = 1
    and counts_as_visit
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
