select * from {{ source('batch_log', 'unreadable') }}
