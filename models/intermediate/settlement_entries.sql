-- Settlements that count, out of the cells they are summed in.
{{ config(materialized='view') }}

select
    insured_region_code as region_code,
    month_no,
    settlements as entries,
    weight

from {{ ref('counted_settlements') }}
