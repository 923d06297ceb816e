-- An entry of a ledger is a book's month. A sum of months is an entry of its last month; its first month is delivered with it.
{{ config(materialized='view') }}

with

months_of_books as (

    select
        region_code,
        month_no,
        1 as entries

    from {{ ref('int_ledger_known_months') }}

    union all

    select
        region_code,
        first_month_no as month_no,
        0 as entries

    from {{ ref('int_ledger_known_months') }}
    where months_covered > 1

)

select
    region_code,
    month_no,
    sum(entries) as entries,
    1 as weight

from months_of_books
group by region_code, month_no
