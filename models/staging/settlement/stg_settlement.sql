with

source as (

    select * from {{ source('lake', 'settlement') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        coalesce(rid, setl_id) as row_key,
        updt_time as updated_at,
        vali_flag as valid_flag,
        weight,
        insu_admdvs as region_code,
        cast(setl_time as date) as counted_on,

        ---------- ids
        setl_id as settlement_id,
        init_setl_id as cancelled_settlement_id,
        mdtrt_id as visit_id,
        psn_no as person_number_key,
        certno as certificate_key,
        certno_check as certificate_check,

        ---------- codes
        insutype as insurance_type_code,
        psn_type as person_type_code,
        insu_admdvs as insured_region_code,
        fix_blng_admdvs as treatment_region_code,
        med_type as visit_type_code,
        hosp_lv as hospital_level_code,
        coalesce(refd_setl_flag in ('1', '001'), init_setl_id is not null and medfee_sumamt < 0, false) as is_refund,
        refd_setl_flag as refund_flag,
        mid_setl_flag as interim_flag,
        setl_type as settlement_type_code,

        ---------- dates
        setl_time as settled_at,
        begndate as began_on,
        enddate as ended_on,
        ipt_days as bed_days,

        ---------- amounts (yuan)
        medfee_sumamt as total_cost,
        fulamt_ownpay_amt as own_expense,
        overlmt_selfpay as above_limit,
        preselfpay_amt as paid_first,
        inscp_amt as in_scope_cost,
        act_pay_dedc as deductible_paid,
        fund_pay_sumamt as fund_paid,
        hifp_pay as pooled_fund_paid,
        cvlserv_pay as civil_servant_paid,
        hifes_pay as enterprise_supplement_paid,
        hifmi_pay as critical_illness_paid,
        hifob_pay as large_amount_paid,
        hifdm_pay as disabled_servicemen_paid,
        maf_pay as assistance_paid,
        othfund_pay as other_funds_paid,
        psn_pay as person_paid,
        acct_pay as account_paid,
        cash_payamt as cash_paid,
        ownpay_hosp_part as hospital_borne,
        acct_mulaid_pay as family_account_paid

    from source

)

select * from renamed
