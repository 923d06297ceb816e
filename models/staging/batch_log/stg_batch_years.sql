select
    batch_id,
    year_no,
    rows_counted

from {{ source('batch_log', 'years') }}
