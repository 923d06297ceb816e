-- Ledger entries with the book they stand in: what one agency level of a pooling area keeps for one scheme code and one part
-- of the fund.
with

accepted as (

    select
        ledger.*,
        -- Medical assistance is no insurance type; of the codes outside the list it alone is accepted, as its own word.
        coalesce(schemes.maps_to, ledger.insurance_type_code) as scheme,
        -- Only employees have personal accounts.
        case when schemes.maps_to = 'employee' then parts.maps_to else 'pooled' end as fund_part,
        case ledger.version_code when 'final' then 1 when 'adjusted' then 2 when 'flash' then 3 end as version_rank,
        cast(substr(ledger.month_code, 1, 4) as int) * 12 + cast(substr(ledger.month_code, 5, 2) as int) - 1 as month_no

    from {{ ref('accepted_fund_ledger') }} as ledger
    left join {{ ref('code_lists') }} as schemes
        on schemes.list = 'insutype'
        and ledger.insurance_type_code = schemes.code
    inner join {{ ref('code_lists') }} as parts
        on parts.list = 'ledger_part'
        and ledger.part_code = parts.code
    where ledger.version_code <> 'budget'

),

-- An area that names one agency level in some of its files means that level in the others.
levels as (

    select
        region_code,
        insurance_type_code,
        part_code,
        min(agency_level_code) as only_level

    from accepted
    where agency_level_code is not null
    group by region_code, insurance_type_code, part_code
    having count(distinct agency_level_code) = 1

),

of_books as (

    select
        accepted.*,
        coalesce(accepted.agency_level_code, levels.only_level) as agency_level,
        concat_ws(
            '|',
            accepted.region_code,
            coalesce(accepted.agency_level_code, levels.only_level, '-'),
            accepted.insurance_type_code,
            accepted.part_code
        ) as book_id

    from accepted
    left join levels
        on accepted.region_code = levels.region_code
        and accepted.insurance_type_code = levels.insurance_type_code
        and accepted.part_code = levels.part_code

)

select
    batch_id,
    row_no,
    row_key,
    book_id,
    region_code,
    agency_level,
    insurance_type_code,
    part_code,
    scheme,
    fund_part,
    item_code,
    basis_code,
    version_rank,
    month_no,
    amount,
    -- Of an entry delivered with its agency level and once without, the one that names it counts. Beside several levels an entry
    -- without one is their sum or one of them, in whatever version.
    agency_level_code is null
    and case
        when agency_level is not null
            then count(agency_level_code) over (partition by book_id, item_code, basis_code, version_code, month_no)
        else count(agency_level_code) over (partition by region_code, insurance_type_code, part_code, item_code, month_no)
    end > 0 as is_repeated

from of_books
