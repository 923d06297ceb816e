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
        sequence,
        corrects as corrects_batch_id,

        ---------- reading
        file_format,
        encoding,
        received_at,
        reason as correction_reason,
        columns_delivered,
        columns_set,
        columns_unknown,
        repairs,

        ---------- what the rows are about
        provinces as province_codes,
        first_month,
        last_month,

        ---------- counts (rows)
        rows_read,
        rows_typed,
        rows_unreadable,
        rows_skipped

    from source

)

select * from renamed
