{{ config(materialized='view') }}

{{ observations_of('cross_province') }}
