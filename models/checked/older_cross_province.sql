{{ config(materialized='table') }}

{{ older_versions('cross_province') }}
