{{ config(materialized='table') }}

{{ findings('population') }}
