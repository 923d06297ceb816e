{{ config(materialized='table') }}

{{ cancelling_rows(
    '(select * from ' ~ candidates_of('benefit_payment') ~ ' as candidates where ' ~ is_valid('valid_flag') ~ ')',
    meta_of('benefit_payment').events,
    {'absent': 'BPAY-011', 'unequal': 'BPAY-011', 'again': 'BPAY-011'}
) }}
