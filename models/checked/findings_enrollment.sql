{{ config(materialized='table') }}

{{ findings('enrollment', ref('single_enrollments')) }}
