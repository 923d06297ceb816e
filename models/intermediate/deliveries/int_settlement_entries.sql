-- Settlements that count, out of the cells they are summed in.
{{ config(materialized='view') }}

select
    region_code,
    month_no,
    sum(settlements) as entries,
    max(weight) as weight

from {{ ref('int_settlement_counted_cells') }}
group by region_code, month_no
