with

source as (

    select * from {{ source('lake', 'policy_parameter') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        -- a scenario may leave out several years of a driver
        concat_ws('|', rule_id, admdvs, param, valid_from, case when substr(param, 1, 5) = 'skip_' then value end) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        admdvs as region_code,
        valid_from as counted_on,

        ---------- ids
        rule_id,
        param,
        document,

        ---------- codes
        topic as topic_code,
        unit as unit_code,
        status as status_code,

        ---------- dates
        valid_from as began_on,
        valid_to as ended_on,

        ---------- values
        value,
        note

    from source

)

select * from renamed
