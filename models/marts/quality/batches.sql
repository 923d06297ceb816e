with

in_lake as (

    {% for record in var('records') -%}
    select batch_id, count(*) as rows_in_lake from {{ ref('stg_' ~ record) }} group by batch_id
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

rejected as (

    select batch_id, count(*) as rows_rejected from {{ ref('rejected_rows') }} group by batch_id

),

corrections as (

    select corrects_batch_id, min(batch_id) as corrected_by
    from {{ ref('stg_batches') }}
    where corrects_batch_id is not null
    group by corrects_batch_id

)

select
    batches.batch_id,
    batches.record,
    batches.province_codes,
    batches.first_month,
    batches.last_month,
    batches.sha256,
    batches.file_format,
    batches.encoding,
    batches.corrects_batch_id,
    corrections.corrected_by as corrected_by_batch_id,
    batches.columns_delivered,
    batches.columns_set,
    batches.columns_unknown,
    batches.repairs,
    batches.rows_read as rows_delivered,
    batches.rows_unreadable,
    batches.rows_skipped,
    coalesce(rejected.rows_rejected, 0) as rows_rejected,
    coalesce(in_lake.rows_in_lake, 0) - coalesce(rejected.rows_rejected, 0) as rows_accepted

from {{ ref('stg_batches') }} as batches
left join in_lake on batches.batch_id = in_lake.batch_id
left join rejected on batches.batch_id = rejected.batch_id
left join corrections on batches.batch_id = corrections.corrects_batch_id
