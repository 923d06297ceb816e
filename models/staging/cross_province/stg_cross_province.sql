with

source as (

    select * from {{ source('lake', 'cross_province') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        setl_sn as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        insu_admdvs as region_code,
        cast(mdtrt_setl_time as date) as counted_on,

        ---------- ids
        setl_sn as line_id,

        ---------- codes
        insu_admdvs as insured_region_code,
        mdtrtarea as treatment_region_code,
        fulamt_advpay_flag as paid_in_full_first_flag,
        cnfm_flag as confirmed_flag,
        insutype as insurance_type_code,
        med_type as visit_type_code,

        ---------- dates
        mdtrt_setl_time as settled_at,
        trt_year as clearing_year,
        trt_month as clearing_month,

        ---------- amounts (yuan)
        medfee_sumamt as total_cost,
        optins_pay_sumamt as agency_paid

    from source

)

select * from renamed
