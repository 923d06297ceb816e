-- A device alone makes nobody a beneficiary; a payment outside the regions that are counted is none of them. Beside them stand the
-- persons of pilots, and those of provinces of which nobody knows where the insurance runs.
{%- set paid = "(select * from " ~ ref('int_ltc_payments') ~ " as payments where payments.fund_paid > 0 and payments.benefit_type_code <> 'LT40' and " -%}
{%- set order = ['month_no', 'paid_at', 'region_code', 'payment_id'] -%}
{%- set kept = ['month_no', 'region_code', 'weight'] %}
with

firsts as (

    {{ first_of_year(paid ~ "payments.area_scope in ('pilot', 'other_area', 'unlisted_area'))", ['person_id'], 'year_no', order, kept, ['service_mode', 'care_grade'], [['service_mode'], ['care_grade']]) | indent(4) }}

),

firsts_of_pilots as (

    {{ first_of_year(paid ~ "payments.area_scope = 'pilot')", ['person_id'], 'year_no', order, kept, ['service_mode', 'care_grade'], []) | indent(4) }}

),

firsts_of_unlisted as (

    {{ first_of_year(paid ~ "payments.area_scope in ('unlisted_area', 'unlisted_outside'))", ['person_id'], 'year_no', order, kept, ['service_mode', 'care_grade'], [['service_mode'], ['care_grade']]) | indent(4) }}

),

together as (

    select month_no, region_code, service_mode, care_grade, weight, 0 as pilot_weight, 0 as unlisted_weight from firsts
    union all
    select month_no, region_code, service_mode, care_grade, 0 as weight, weight as pilot_weight, 0 as unlisted_weight from firsts_of_pilots
    union all
    select month_no, region_code, service_mode, care_grade, 0 as weight, 0 as pilot_weight, weight as unlisted_weight from firsts_of_unlisted

)

select
    {{ month_end('month_no') }} as month,
    region_code,
    service_mode,
    care_grade,
    cast(sum(weight) as decimal(28, 6)) as beneficiaries,
    cast(sum(pilot_weight) as decimal(28, 6)) as pilot_beneficiaries,
    cast(sum(unlisted_weight) as decimal(28, 6)) as unlisted_beneficiaries

from together
group by month_no, region_code, service_mode, care_grade
