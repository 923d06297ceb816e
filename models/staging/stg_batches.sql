with

source as (

    select * from {{ source('batch_log', 'batch') }}

),

renamed as (

    select
        ---------- ids
        batch_id,
        record,
        file_name,
        sha256,
        corrects as corrects_batch_id,

        ---------- reading
        file_format,
        encoding,
        received_at,
        reason as correction_reason,
        columns_delivered,
        columns_unknown,
        aliases_used,
        constants,
        repairs,

        ---------- counts (rows)
        rows_read,
        rows_typed,
        rows_unreadable,
        rows_skipped

    from source

)

select * from renamed
