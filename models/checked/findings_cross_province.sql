{{ config(materialized='table') }}

{{ findings('cross_province') }}
