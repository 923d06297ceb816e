{{ config(materialized='table') }}

{{ repeated_hashes('settlement') }}

union

select {{ hash_in_province('cancelled_settlement_id') }} as key_hash
from {{ current_rows('settlement') }} as staged
where is_refund
    and cancelled_settlement_id is not null
