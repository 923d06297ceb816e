with

source as (

    select * from {{ source('lake', 'register_entry') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        concat_ws('|', reg_type, obj_id, kind_code, begndate) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        admdvs as region_code,
        begndate as counted_on,

        ---------- ids
        obj_id as object_id,
        obj_name as object_name,
        org_name as organisation_name,
        dcla_no as document_number,

        ---------- codes
        reg_type as register_code,
        kind_code,

        ---------- dates
        begndate as began_on,
        enddate as ended_on,

        ---------- amounts
        cnt as quantity,
        amt as amount

    from source

)

select * from renamed
