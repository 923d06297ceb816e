{{ config(materialized='table') }}

{{ findings('population', ref('checked_population')) }}
