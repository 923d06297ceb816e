{{ config(materialized='table') }}

{{ checked('enrollment', rows=ref('condensed_enrollments'), candidates=ref('single_enrollments')) }}
