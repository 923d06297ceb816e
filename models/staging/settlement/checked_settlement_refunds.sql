{{ config(materialized='table') }}

{{ cancelling_rows('(select * from ' ~ ref('checked_settlement_rows_to_compare') ~ ' where version_no = 1 and is_valid)', names_of_cancelling('settlement'), refusals_of('settlement')) }}
