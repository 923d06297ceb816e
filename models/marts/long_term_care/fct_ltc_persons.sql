with

carer_changes as (

    {{ changes_of_spells(ref('int_ltc_carers'), ['region_code', 'kind_code'], ['weight']) | indent(4) }}

),

carers_by_month as (

    {{ stocks_by_month('carer_changes', ['region_code', 'kind_code'], ['weight']) | indent(4) }}

),

eligible_changes as (

    {{ changes_of_spells(ref('int_ltc_eligible_persons'), ['region_code', 'kind_code'], ['weight']) | indent(4) }}

),

eligible_by_month as (

    {{ stocks_by_month('eligible_changes', ['region_code', 'kind_code'], ['weight']) | indent(4) }}

),

-- Withdrawn ones are not concluded.
assessments as (

    select
        cast({{ month_index('entries.evaluated_on') }} as int) as month_no,
        entries.region_code,
        entries.kind_code,
        results.maps_to as result,
        sum(entries.weight) as weight

    from {{ ref('accepted_person_register') }} as entries
        {{ join_word('asmt_result', 'entries.result_code', 'results') }}
    cross join {{ ref('reporting_period') }} as period
    where entries.register_code = 'ltc_assessment'
        and results.maps_to in ('approved', 'refused')
        and {{ is_valid('entries.valid_flag') }}
        and {{ month_index('entries.evaluated_on') }} between period.first_flow_month_no and period.last_month_no
    group by 1, 2, 3, 4

),

counted as (

    select month_no, region_code, kind_code as item_class, null as care_grade_code, null as result, weight as carers, 0 as eligible, 0 as assessments
    from carers_by_month

    union all

    select month_no, region_code, null as item_class, kind_code as care_grade_code, null as result, 0 as carers, weight as eligible, 0 as assessments
    from eligible_by_month

    union all

    select month_no, region_code, null as item_class, kind_code as care_grade_code, result, 0 as carers, 0 as eligible, weight as assessments
    from assessments

)

select
    {{ month_end('counted.month_no') }} as month,
    counted.region_code,
    counted.item_class,
    grades.maps_to as care_grade,
    counted.result,
    coalesce(scopes.area_scope, 'outside') as area_scope,
    cast(sum(counted.carers) as decimal(28, 6)) as carers,
    cast(sum(counted.eligible) as decimal(28, 6)) as eligible_persons,
    cast(sum(counted.assessments) as decimal(28, 6)) as assessments,
    cast(sum(case when counted.result = 'approved' then counted.assessments else 0 end) as decimal(28, 6)) as approved

from counted
    {{ join_word('ltc_disability_level', 'counted.care_grade_code', 'grades') }}
left join {{ ref('int_ltc_scopes') }} as scopes
    on counted.region_code = scopes.region_code
    and counted.month_no = scopes.month_no
where counted.carers <> 0
    or counted.eligible <> 0
    or counted.assessments <> 0
group by counted.month_no, counted.region_code, counted.item_class, grades.maps_to, counted.result, coalesce(scopes.area_scope, 'outside')
