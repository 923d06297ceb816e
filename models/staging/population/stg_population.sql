with

source as (

    select * from {{ source('lake', 'population') }}

),

renamed as (

    select
        ---------- row
        src_batch_id as batch_id,
        src_row_no as row_no,
        src_received_on as received_on,
        concat_ws('|', region_code, year) as row_key,
        cast(null as timestamp) as updated_at,
        cast(null as string) as valid_flag,
        cast(1 as decimal(18, 6)) as weight,
        region_code,
        try_cast(year || '-12-31' as date) as counted_on,

        ---------- dates
        year as year_code,

        ---------- counts (persons)
        resident_population,
        eligible_population

    from source

)

select * from renamed
