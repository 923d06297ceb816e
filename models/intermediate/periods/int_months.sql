-- Months as whole numbers (year × 12 + month − 1) from 1990 to 2099; a model takes from them what its data spans.
select
    cast(n as int) + 1990 * 12 as month_no,
    {{ month_end('cast(n as int) + 1990 * 12') }} as month,
    {{ year_of_month('cast(n as int) + 1990 * 12') }} as year_no,
    {{ month_of_year('cast(n as int) + 1990 * 12') }} as month_of_year

from {{ numbers(110 * 12) }} as numbers
