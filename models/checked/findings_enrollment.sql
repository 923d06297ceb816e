{{ config(materialized='table') }}

{{ findings('enrollment') }}
