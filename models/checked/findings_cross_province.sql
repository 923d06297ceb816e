{{ config(materialized='table') }}

{{ findings('cross_province', ref('checked_cross_province')) }}
