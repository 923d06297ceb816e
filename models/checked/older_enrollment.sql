{{ config(materialized='table') }}

{{ older_versions('enrollment', ref('single_enrollments'), 'region_code') }}
