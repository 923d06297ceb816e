{{ config(materialized='view') }}

{{ observations_of('population') }}
