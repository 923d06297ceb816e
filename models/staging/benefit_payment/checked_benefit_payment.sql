{{ config(materialized='table') }}

{{ checked('benefit_payment') }}
