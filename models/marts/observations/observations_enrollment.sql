{{ config(materialized='view') }}

{{ observations_of('enrollment') }}
