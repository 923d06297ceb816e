{{ config(materialized='table') }}

{{ checked('enrollment', rows=ref('checked_enrollment_pass'), versions=ref('checked_enrollment_rows_to_compare')) }}
