select
    cast({{ month_index('lines.settled_at') }} as int) as month_no,
    lines.insured_region_code,
    lines.treatment_region_code,
    coalesce(schemes.maps_to, 'unknown') as scheme,
    coalesce(care.maps_to, care_parent.maps_to, 'unknown') as care_type,
    case lines.paid_in_full_first_flag when '0' then 'direct' else 'manual' end as settle_mode,
    count(*) as lines_read,
    sum(lines.weight) as lines,
    sum({{ weighted('lines.total_cost', 'lines.weight') }}) as total_cost,
    sum({{ weighted('lines.agency_paid', 'lines.weight') }}) as agency_paid

from {{ ref('accepted_cross_province') }} as lines
    {{ join_word('insutype', 'lines.insurance_type_code', 'schemes') }}
    {{ join_word('med_type', 'lines.visit_type_code', 'care', parent=true) }}
where {{ is_valid('lines.valid_flag') }}
    and coalesce(lines.confirmed_flag, '1') <> '0'
group by 1, 2, 3, 4, 5, 6
