{{ config(materialized='table') }}

{{ checked('person_register', found=[ref('overlapping_register_persons'), ref('carers_without_institution')]) }}
