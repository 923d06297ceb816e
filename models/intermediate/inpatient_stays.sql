{%- set cell = settlement_cell() | join(',\n    ') %}

with

numbered as (

    select
        settlements.*,
        sum(settlements.bed_days) over (partition by {{ in_province('settlements.visit_id', 'settlements.insured_region_code') }}) as visit_bed_days,
        row_number() over (
            partition by {{ in_province('settlements.visit_id', 'settlements.insured_region_code') }}
            order by case when settlements.counts_as_visit then 0 else 1 end, settlements.settled_at desc, settlements.settlement_id desc
        ) as row_of_visit

    from {{ ref('inpatient_settlements') }} as settlements
    left join {{ ref('checked_settlement') }} as left_out
        on settlements.batch_id = left_out.batch_id
        and settlements.row_no = left_out.row_no
        and left_out.reason is not null
    where left_out.row_no is null

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
