with

entries as (

    select
        ledger.region_code,
        schemes.maps_to as scheme,
        case when schemes.maps_to = 'resident' then 'pooled' else parts.maps_to end as fund_part,
        ledger.basis_code,
        ledger.item_code,
        case ledger.version_code when 'final' then 1 when 'adjusted' then 2 when 'flash' then 3 end as version_rank,
        cast(substr(ledger.month_code, 1, 4) as int) * 12 + cast(substr(ledger.month_code, 5, 2) as int) - 1 as month_no,
        ledger.amount

    from {{ accepted_rows('fund_ledger') }} as ledger
    inner join {{ ref('code_lists') }} as schemes
        on schemes.list = 'insutype'
        and ledger.insurance_type_code = schemes.code
        and schemes.maps_to in ('employee', 'resident')
    inner join {{ ref('code_lists') }} as parts
        on parts.list = 'ledger_part'
        and ledger.part_code = parts.code
    where ledger.version_code <> 'budget'

),

-- A three-character item is the item; its five-character parts count only where the item itself was not delivered.
-- Maternity benefits (E0103) are a figure of their own beside the item they are part of.
items as (

    select
        region_code,
        scheme,
        fund_part,
        basis_code,
        substr(item_code, 1, 3) as item_code,
        version_rank,
        month_no,
        coalesce(
            sum(case when length(item_code) = 3 then amount end),
            sum(case when length(item_code) > 3 then amount end)
        ) as amount

    from entries
    group by region_code, scheme, fund_part, basis_code, substr(item_code, 1, 3), version_rank, month_no

    union all

    select
        region_code,
        scheme,
        fund_part,
        basis_code,
        item_code,
        version_rank,
        month_no,
        sum(amount) as amount

    from entries
    where item_code = 'E0103'
    group by region_code, scheme, fund_part, basis_code, item_code, version_rank, month_no

),

best_version as (

    select
        *,
        row_number() over (
            partition by region_code, scheme, fund_part, basis_code, item_code, month_no
            order by version_rank
        ) as version_no

    from items

),

by_month as (

    select
        region_code,
        scheme,
        fund_part,
        item_code,
        month_no,
        basis_code,
        case
            when basis_code = 'M' or item_code in ('B01', 'B03') then amount
            else amount - coalesce(
                lag(amount) over (
                    partition by region_code, scheme, fund_part, basis_code, item_code, {{ year_of_month('month_no') }}
                    order by month_no
                ),
                0
            )
        end as amount

    from best_version
    where version_no = 1

),

one_basis as (

    select
        *,
        row_number() over (partition by region_code, scheme, fund_part, item_code, month_no order by basis_code desc) as basis_no

    from by_month

)

select
    one_basis.region_code,
    one_basis.scheme,
    one_basis.fund_part,
    one_basis.month_no,
    sum(case when items.maps_to = 'income' then one_basis.amount else 0 end) as income,
    sum(case when items.maps_to = 'expenditure' and one_basis.item_code <> 'E0103' then one_basis.amount else 0 end) as expenditure,
    sum(case when one_basis.item_code = 'E0103' then one_basis.amount else 0 end) as maternity_expenditure,
    sum(case items.maps_to when 'transfer_in' then one_basis.amount when 'transfer_out' then -one_basis.amount else 0 end) as net_transfers,
    sum(case when items.maps_to = 'adjustment' then one_basis.amount else 0 end) as adjustment,
    max(case when items.maps_to = 'opening' then one_basis.amount end) as opening,
    max(case when items.maps_to = 'closing' then one_basis.amount end) as closing

from one_basis
inner join {{ ref('code_lists') }} as items
    on items.list = 'fund_item'
    and one_basis.item_code = items.code
where one_basis.basis_no = 1
group by one_basis.region_code, one_basis.scheme, one_basis.fund_part, one_basis.month_no
