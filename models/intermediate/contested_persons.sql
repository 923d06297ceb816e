with

in_order as (

    select
        population,
        person_id,
        start_month_no,
        max(end_month_no) over (
            partition by population, person_id
            order by start_month_no, end_month_no
            rows between unbounded preceding and 1 preceding
        ) as covered_until

    from {{ ref('spells') }}

)

select distinct
    population,
    person_id

from in_order
where start_month_no < covered_until
