{{ config(materialized='view') }}

{{ observations_of('maternity') }}
