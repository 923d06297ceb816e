{{ config(materialized='table') }}

{{ findings('enrollment', ref('condensed_enrollments')) }}
