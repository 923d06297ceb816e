-- What the books say, in the version that counts.
with

-- A three-character item is the item; its five-character parts count only where the item itself was not delivered, and parts of
-- parts in no item. Maternity benefits (E0103, where it was not delivered its parts) are a figure of their own beside the item.
items as (
    {% for length, of_parts, condition in [(3, '= 5', 'true'), (5, '> 5', "substr(item_code, 1, 5) = 'E0103'")] %}
    select
        book_id,
        region_code,
        agency_level,
        insurance_type_code,
        part_code,
        scheme,
        fund_part,
        basis_code,
        substr(item_code, 1, {{ length }}) as item_code,
        version_rank,
        month_no,
        coalesce(
            sum(case when length(item_code) = {{ length }} then amount end),
            sum(case when length(item_code) {{ of_parts }} then amount end)
        ) as amount

    from {{ ref('int_ledger_book_rows') }}
    where not is_repeated
        and {{ condition }}
    group by
        book_id, region_code, agency_level, insurance_type_code, part_code, scheme, fund_part, basis_code,
        substr(item_code, 1, {{ length }}), version_rank, month_no
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

named as (

    select
        items.*,
        case when items.item_code = 'E0103' then 'maternity' else lists.maps_to end as item_kind,
        {{ year_of_month('items.month_no') }} as year_no,
        min(items.version_rank) over (partition by items.book_id, items.item_code, items.month_no) as best_rank

    from items
    inner join {{ ref('code_lists') }} as lists
        on lists.list = 'fund_item'
        and items.item_code = lists.code
    where lists.maps_to <> 'balance'
        and items.amount is not null

),

-- The version is chosen month by month. A cumulative entry speaks for the months before it too: in a better version it also
-- replaces their entries by month.
best as (

    select
        *,
        min(case when basis_code = 'C' then version_rank end) over (
            partition by book_id, item_code, year_no
            order by month_no desc nulls last
            rows between unbounded preceding and 1 preceding
        ) as rank_of_later_cumulative

    from named
    where version_rank = best_rank

)

select
    book_id,
    region_code,
    agency_level,
    insurance_type_code,
    part_code,
    scheme,
    fund_part,
    item_code,
    item_kind,
    basis_code,
    version_rank,
    year_no,
    month_no,
    amount

from best
where basis_code = 'C'
    or item_kind in ('opening', 'closing')
    or coalesce(rank_of_later_cumulative >= version_rank, true)
