-- A standard is set for a way of service, or for one of its grades; where it is set by grade alone, the way as a whole has none.
with

modes as (

    select distinct maps_to as word from {{ ref('code_lists') }} where list = 'ltc_svc_mode'

),

grades as (

    select maps_to as word from {{ ref('code_lists') }} where list = 'ltc_disability_level'
    union all
    select ''

),

standards as (

    select
        in_force.place_code,
        in_force.given_by,
        in_force.start_month_no,
        in_force.end_month_no,
        modes.word as service_mode,
        coalesce(nullif(grades.word, ''), '_T') as care_grade,
        try_cast(in_force.value as decimal(28, 6)) as standard

    from {{ ref('int_policy_values') }} as in_force
    inner join modes on split_part(in_force.param, '.', 2) = modes.word
    inner join grades on split_part(in_force.param, '.', 3) = grades.word
    where in_force.topic_code = 'ltc'
        and split_part(in_force.param, '.', 1) = 'daily_benefit'
        and in_force.unit_code = 'yuan_per_day'

)

select
    months.month,
    standards.place_code as region_code,
    places.region_level,
    standards.service_mode,
    standards.care_grade,
    standards.given_by,
    standards.standard,
    cast(case when standards.given_by <> standards.place_code then 1 else 0 end as int) as inherited

from standards
inner join {{ ref('dim_region') }} as places on standards.place_code = places.region_code
inner join {{ ref('int_months') }} as months on months.month_no between standards.start_month_no and standards.end_month_no - 1
where standards.standard is not null
