with

source as (

    select * from {{ source('lake', 'benefit_payment') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        coalesce(rid, pay_id) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        insu_admdvs as region_code,
        case when substr(bnft_type, 1, 2) in ('LT', 'CP') then last_day(try_cast(substr(trt_ym, 1, 4) || '-' || substr(trt_ym, 5, 2) || '-01' as date)) else cast(pay_time as date) end as counted_on,

        ---------- ids
        pay_id as payment_id,
        init_pay_id as cancelled_payment_id,
        psn_no as person_number_key,
        certno as certificate_key,
        certno_check as certificate_check,
        setl_id as settlement_id,
        mdtrt_id as visit_id,
        org_code as organisation_code,

        ---------- codes
        bnft_type as benefit_type_code,
        insutype as insurance_type_code,
        insu_admdvs as insured_region_code,
        psn_cert_type as certificate_type_code,
        psn_type as person_type_code,
        psn_idet_type as identity_code,
        svc_mode as service_mode_code,
        disab_lv as care_grade_code,
        matn_type as delivery_kind_code,

        ---------- dates
        trt_ym as service_month,
        last_day(try_cast(substr(trt_ym, 1, 4) || '-' || substr(trt_ym, 5, 2) || '-01' as date)) as served_on,
        pay_time as paid_at,
        birctrl_matn_date as delivered_on,

        ---------- amounts (yuan)
        fund_pay_amt as fund_paid,
        psn_pay_amt as person_paid,
        day_cnt as benefit_days,
        std_amt as standard,
        head_cnt as heads

    from source

)

select * from renamed
