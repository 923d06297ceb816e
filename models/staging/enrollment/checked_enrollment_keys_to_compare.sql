{{ config(materialized='table') }}

{{ repeated_hashes('enrollment') }}

union

select person_hash as key_hash
from {{ ref('checked_enrollment_persons_to_compare') }}
where may_overlap
