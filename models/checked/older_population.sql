{{ config(materialized='table') }}

{{ older_versions('population', repeated_rows('population')) }}
