select * from {{ source('batch_log', 'control') }}
