-- Settlements that count, out of the cells they are summed in.
{{ config(materialized='view') }}

select
    insured_region_code as region_code,
    month_no,
    sum(settlements) as entries,
    max(weight) as weight

from {{ ref('counted_settlements') }}
group by insured_region_code, month_no
