{{ config(materialized='view') }}

{{ observations_of('away_care') }}
