{{ config(materialized='table') }}

{{ checked('enrollment', rows=ref('condensed_enrollments'), versions=ref('single_enrollments')) }}
