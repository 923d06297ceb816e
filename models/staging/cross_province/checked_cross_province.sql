{{ config(materialized='table') }}

{{ checked('cross_province') }}
