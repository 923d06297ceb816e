{{ config(materialized='table') }}

{{ repeated_hashes('enrollment') }}

union

select person_hash as key_hash
from {{ ref('compared_persons') }}
where may_overlap
