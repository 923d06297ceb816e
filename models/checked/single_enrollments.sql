select
    region_code,
    scheme,
    has_maternity,
    member_status,
    employer_type,
    account_mode,
    start_month_no,
    end_month_no,
    is_enrolled,
    weight,
    broken_rules,
    is_rejected,
    batch_id,
    row_no,
    single.*

from {{ ref('condensed_enrollments') }}
where batch_id is not null
