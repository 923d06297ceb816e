with

parts as (

    select
        month_no,
        insured_region_code,
        insurance_type_code,
        person_class_code,
        visit_type_code,
        hospital_level_code,
        travel_scope,
        destination_code,
        settlements,
        {{ weighted('visits') }} as visits,
        cast(0 as decimal(38, 8)) as discharges,
        cast(0 as decimal(38, 8)) as bed_days,
        {%- for amount in ['total_cost', 'fund_paid', 'catalog_cost', 'catalog_fund_paid', 'in_scope_cost', 'in_scope_fund_paid'] %}
        {{ weighted(amount) }} as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('settlement_cube') }}

    union all

    select
        month_no,
        insured_region_code,
        insurance_type_code,
        person_class_code,
        visit_type_code,
        hospital_level_code,
        travel_scope,
        destination_code,
        0 as settlements,
        {{ weighted('discharges') }} as visits,
        {{ weighted('discharges') }} as discharges,
        {{ weighted('bed_days') }} as bed_days,
        {%- for amount in ['total_cost', 'fund_paid', 'catalog_cost', 'catalog_fund_paid', 'in_scope_cost', 'in_scope_fund_paid'] %}
        null as {{ amount }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ ref('inpatient_stays') }}

)

select
    parts.month_no,
    parts.insured_region_code as region_code,
    coalesce(scheme_word.maps_to, 'other') as scheme,
    coalesce(status_word.maps_to, 'unknown') as member_status,
    coalesce(care_word.maps_to, care_word_parent.maps_to, 'other') as care_type,
    coalesce(level_word.maps_to, 'primary_and_below') as hospital_level,
    parts.travel_scope,
    parts.destination_code,
    sum(parts.settlements) as settlements,
    sum(parts.visits) as visits,
    sum(parts.discharges) as discharges,
    sum(parts.bed_days) as bed_days,
    sum(parts.total_cost) as total_cost,
    sum(parts.fund_paid) as fund_paid,
    sum(parts.catalog_cost) as catalog_cost,
    sum(parts.catalog_fund_paid) as catalog_fund_paid,
    sum(parts.in_scope_cost) as in_scope_cost,
    sum(parts.in_scope_fund_paid) as in_scope_fund_paid

from parts
    {{ join_word('insutype', 'parts.insurance_type_code', 'scheme_word') }}
    {{ join_word('psn_type', 'parts.person_class_code', 'status_word') }}
    {{ join_word('med_type', 'parts.visit_type_code', 'care_word', parent=true) }}
    {{ join_word('hosp_lv', 'parts.hospital_level_code', 'level_word') }}
group by 1, 2, 3, 4, 5, 6, 7, 8
