{{ config(materialized='table') }}

{{ checked('population') }}
