with

source as (

    select * from {{ source('lake', 'enrollment') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        coalesce(rid, psn_insu_rlts_id) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        insu_admdvs as region_code,
        crt_insu_date as counted_on,

        ---------- ids
        psn_insu_rlts_id as spell_id,
        psn_no as person_number_key,
        certno as certificate_key,
        certno_check as certificate_check,
        certno_conflict as certificate_conflict,

        ---------- codes
        insutype as insurance_type_code,
        psn_type as person_type_code,
        psn_insu_stas as enrollment_status_code,
        insu_admdvs as insured_region_code,
        surv_stas as survival_code,
        hi_type as account_type_code,
        emp_type as employer_type_code,
        matn_insu_flag as maternity_insured_flag,

        ---------- dates
        crt_insu_date as started_on,
        paus_insu_date as suspended_on

    from source

)

select * from renamed
