{%- set selects = [] -%}
{%- if execute -%}
    {%- set additive = additive_dimensions() -%}
    {%- for subject in var('subjects') -%}
        {%- if not has_every_level(subject) %}{% do selects.append(identities_of_parts(subject, additive)) %}{% endif -%}
        {%- do selects.append(identities_between_metrics(subject)) -%}
    {%- endfor -%}
{%- endif -%}
-- depends_on: {{ ref('dimensions') }}
-- depends_on: {{ ref('code_lists') }}
{%- for subject in var('subjects') %}
-- depends_on: {{ ref('rollup_' ~ subject) }}
{%- endfor %}

with

book_months as (

    select
        lag(cumulative_balance) over (partition by book_id order by month_no nulls last) as balance_before,
        coalesce(current_balance, 0) as current_balance,
        coalesce(net_transfers, 0) as net_transfers,
        coalesce(delivered_adjustment, 0) as delivered_adjustment,
        found_adjustment,
        cumulative_balance

    from {{ ref('int_ledger_fund_months') }}

),

books as (

    select
        'balance of a book a month before + current balance + net transfers + adjustments = its balance' as identity,
        'fund' as subject,
        '账簿上月结存＋当期结存＋净转移＋调整＝本月结存' as label_zh,
        'Balance of a book a month before + current balance + net transfers + adjustments = its balance' as label_en,
        count(*) as compared,
        count(case when balance_before + current_balance + net_transfers + delivered_adjustment + found_adjustment <> cumulative_balance then 1 end) as failed,
        cast(
            max(abs(balance_before + current_balance + net_transfers + delivered_adjustment + found_adjustment - cumulative_balance)) as decimal(38, 8)
        ) as largest_difference

    from book_months
    where balance_before is not null
        and cumulative_balance is not null

),

together as (

    {% for select in selects if select -%}
    {{ select | indent(4) }}

    union all

    {% endfor -%}
    select * from books

)

select
    identity,
    subject,
    label_zh,
    label_en,
    compared,
    failed,
    coalesce(largest_difference, 0) as largest_difference,
    case when compared = 0 then 'nothing compared' when failed > 0 then 'fails' else 'holds' end as status

from together
