{{ config(materialized='table') }}

{{ older_versions('settlement') }}
