{{ config(materialized='table') }}

{{ findings('settlement') }}
