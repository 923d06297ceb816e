{{ config(materialized='table') }}

{{ older_versions('cross_province', repeated_rows('cross_province')) }}
