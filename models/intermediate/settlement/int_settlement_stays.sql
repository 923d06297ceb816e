{%- set cell = settlement_cell() | join(',\n    ') %}

with

counting as (

    select settlements.*
    from {{ ref('int_settlement_inpatient_rows') }} as settlements
    left join {{ ref('checked_settlement') }} as left_out
        on settlements.batch_id = left_out.batch_id
        and settlements.row_no = left_out.row_no
        and left_out.reason is not null
    where left_out.row_no is null

),

numbered as (

    select
        *,
        sum(bed_days) over (partition by {{ in_province('stay_id') }}) as days_of_stay,
        row_number() over (partition by {{ in_province('stay_id') }} order by {{ last_of_stay() }}) as row_of_stay

    from counting

)

select
    {{ cell }},
    count(*) as discharges,
    sum(days_of_stay) as bed_days

from numbered
where row_of_stay = 1
    and is_visit
group by
    {{ cell }}
