with

source as (

    select * from {{ source('lake', 'fund_ledger') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        concat_ws('|', pool_region, ym, basis, scheme, part, item_code, version, agency_level) as row_key,
        cast(null as timestamp) as updated_at,
        cast(null as string) as valid_flag,
        cast(1 as decimal(18, 6)) as weight,
        pool_region as region_code,
        last_day(try_cast(substr(ym, 1, 4) || '-' || substr(ym, 5, 2) || '-01' as date)) as counted_on,

        ---------- codes
        basis as basis_code,
        scheme as insurance_type_code,
        part as part_code,
        item_code,
        version as version_code,
        agency_level as agency_level_code,

        ---------- dates
        ym as month_code,

        ---------- amounts (yuan)
        amount

    from source

)

select * from renamed
