with

accepted as (

    select
        enrollment.*,
        coalesce(scheme_word.maps_to, 'other') as scheme

    from {{ accepted_rows('enrollment') }} as enrollment
    {{ join_word('insutype', 'enrollment.insurance_type_code', 'scheme_word') }}
    where {{ is_valid('enrollment.valid_flag') }}
        and enrollment.enrollment_status_code not in ('0', '3')

),

populations as (

    select
        'basic' as population,
        accepted.*

    from accepted
    where scheme in ('employee', 'resident')

    union all

    select
        'maternity' as population,
        accepted.*

    from accepted
    where scheme = 'maternity'
        or (scheme = 'employee' and maternity_insured_flag = '1')

)

select
    populations.population,
    {{ person_key("case when populations.certificate_check in ('valid', 'other_type') then populations.certificate_key else coalesce(populations.person_number_key, populations.certificate_key) end") }} as person_id,
    populations.insured_region_code as region_code,
    populations.scheme,
    substr(populations.person_type_code, 1, 2) as person_class_code,
    case when populations.scheme = 'employee' then coalesce(populations.employer_type_code, '') end as employer_type_code,
    case when populations.scheme = 'employee' then coalesce(populations.account_type_code, '') end as account_type_code,
    populations.started_on,
    populations.spell_id,
    greatest(cast({{ month_index('populations.started_on') }} as int), period.first_stock_month_no) as start_month_no,
    least(coalesce(cast({{ month_index('populations.suspended_on') }} as int), period.last_month_no + 1), period.last_month_no + 1) as end_month_no,
    populations.weight

from populations
cross join {{ ref('reporting_period') }} as period
where greatest({{ month_index('populations.started_on') }}, period.first_stock_month_no)
    < least(coalesce({{ month_index('populations.suspended_on') }}, period.last_month_no + 1), period.last_month_no + 1)
