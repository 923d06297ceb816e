{{ config(materialized='table') }}

{{ checked('register_entry') }}
