{{ config(materialized='table') }}

{{ checked('policy_parameter') }}
