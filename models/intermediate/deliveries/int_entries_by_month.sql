{{ config(materialized='view') }}

select
    record,
    {{ province_of('region_code') }} as province_code,
    month_no,
    cast(sum(entries) as bigint) as entries,
    max(weight) > 1 as is_extract

from {{ ref('int_record_entries') }}
group by 1, 2, 3
