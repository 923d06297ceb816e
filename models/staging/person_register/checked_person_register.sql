{{ config(materialized='table') }}

{{ checked('person_register') }}
