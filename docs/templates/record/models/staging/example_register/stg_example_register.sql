with

source as (

    select * from {{ source('lake', 'example_register') }}

),

-- Every staging model begins with these columns 每个 staging 模型都以这些列开头
renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        coalesce(rid, point_no || '|' || cast(begndate as string)) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        admdvs as region_code,
        begndate as counted_on,

        ---------- ids
        point_no as point_number,

        ---------- codes
        point_kind as kind_code,

        ---------- dates
        begndate as began_on,
        enddate as ended_on

    from source

)

select * from renamed
