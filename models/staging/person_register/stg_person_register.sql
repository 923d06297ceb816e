with

source as (

    select * from {{ source('lake', 'person_register') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        coalesce(rid, reg_id) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        admdvs as region_code,
        begndate as counted_on,

        ---------- ids
        reg_id as register_id,
        psn_no as person_number_key,
        certno as certificate_key,
        certno_check as certificate_check,
        certno_conflict as certificate_conflict,
        org_code as organisation_code,

        ---------- codes
        reg_type as register_code,
        psn_cert_type as certificate_type_code,
        kind_code,
        rslt_stas as result_code,
        rural_flag,
        gend as sex_code,
        surv_stas as survival_code,

        ---------- dates
        begndate as began_on,
        coalesce(enddate, last_valid_date + 1) as ended_on,
        last_valid_date as last_valid_on,
        eval_date as evaluated_on,
        brdy as born_on

    from source

)

select * from renamed
