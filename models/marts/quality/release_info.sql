select
    coalesce(max(case when file_name like '%{{ var("sample_mark") }}%' then 1 else 0 end), 0) = 1 as data_is_sample,
    (select period.first_year from {{ ref('reporting_period') }} as period) as first_year,
    (select period.last_year from {{ ref('reporting_period') }} as period) as last_year,
    count(*) as batches,
    {{ dbt.hash(listed('batch_id', '')) }} as batches_digest

from {{ ref('stg_batches') }}
