{{ config(materialized='view') }}

{{ observations_of('care') }}
