{{ config(materialized='table') }}

{{ checked('example_register') }}
