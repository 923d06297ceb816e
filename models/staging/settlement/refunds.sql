{{ config(materialized='table') }}

{{ cancelling_rows(
    '(select * from ' ~ ref('single_settlements') ~ ' where version_no = 1 and is_valid)',
    {
        'key': 'settlement_id', 'cancels': 'cancelled_settlement_id', 'is_cancelling': 'is_refund', 'date': 'settled_at',
        'region': 'insured_region_code', 'amounts': settlement_amounts(),
    },
    {'absent': 'SETL-016', 'unequal': 'SETL-017', 'again': 'SETL-018'}
) }}
