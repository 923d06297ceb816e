with

accepted as (

    {{ accepted('settlement', ref('single_settlements')) | indent(4) }}

),

refund_rows as (

    select * from accepted where is_refund and is_valid

),

originals as (

    select
        *,
        row_number() over (partition by settlement_id, {{ province_of('insured_region_code') }} order by batch_id, row_no) as copy_no

    from accepted
    where not is_refund
        and is_valid

),

compared as (

    select
        refund_rows.batch_id,
        refund_rows.row_no,
        refund_rows.row_key,
        refund_rows.settlement_id,
        refund_rows.settled_at,
        originals.batch_id as original_batch_id,
        originals.row_no as original_row_no,
        refund_rows.cancelled_settlement_id,
        {{ province_of('refund_rows.insured_region_code') }} as province_code,
        {% for amount in settlement_amounts() -%}
        abs(coalesce(refund_rows.{{ amount }}, 0) + coalesce(originals.{{ amount }}, 0)) <= 0.01
        {%- if not loop.last %} and {% endif %}
        {% endfor %} as is_opposite

    from refund_rows
    left join originals
        on refund_rows.cancelled_settlement_id = originals.settlement_id
        and {{ province_of('refund_rows.insured_region_code') }} = {{ province_of('originals.insured_region_code') }}
        and originals.copy_no = 1

),

numbered as (

    select
        *,
        row_number() over (
            partition by cancelled_settlement_id, province_code, is_opposite
            order by settled_at, settlement_id, batch_id, row_no
        ) as refund_no

    from compared

)

select
    batch_id,
    row_no,
    row_key,
    original_batch_id,
    original_row_no,
    case
        when original_row_no is null then 'SETL-016'
        when not is_opposite then 'SETL-017'
        when refund_no > 1 then 'SETL-018'
    end as rule_code

from numbered
