-- One row per day, for queries by metric time.
select cast({{ dbt.dateadd('day', 'cast(n as int)', "date '1990-01-01'") }} as date) as day

from {{ numbers(110 * 365 + 27) }} as numbers
