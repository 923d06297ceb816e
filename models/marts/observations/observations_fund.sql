{{ config(materialized='view') }}

{{ observations_of('fund') }}
