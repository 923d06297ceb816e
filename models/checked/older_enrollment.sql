{{ config(materialized='table') }}

{{ older_versions('enrollment') }}
