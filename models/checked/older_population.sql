{{ config(materialized='table') }}

{{ older_versions('population') }}
