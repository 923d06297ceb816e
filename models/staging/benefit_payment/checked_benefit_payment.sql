{{ config(materialized='table') }}

{{ checked('benefit_payment', found=[ref('benefit_cancellings'), ref('care_without_assessment'), ref('care_days_of_person')]) }}
