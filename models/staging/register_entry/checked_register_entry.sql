{{ config(materialized='table') }}

{{ checked('register_entry', found=[ref('overlapping_register_entries')]) }}
