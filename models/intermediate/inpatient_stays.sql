{%- set cell = settlement_cell() | join(',\n    ') %}

with

inpatient_rows as (

    select
        {{ cell | indent(4) }},
        coalesce(single.visit_id, single.settlement_id) as visit_id,
        single.settlement_id,
        single.settled_at,
        single.counts_as_visit,
        {{ stay_days('single.bed_days', 'single.began_on', 'single.ended_on') }} as bed_days

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
    {{ cell }},
    count(*) as discharges,
    sum(visit_bed_days) as bed_days

from numbered
where row_of_visit = 1
    and counts_as_visit
group by
    {{ cell }}
