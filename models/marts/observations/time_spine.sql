-- One row per day, for queries by metric time.
select date '1990-01-01' + cast(n as int) as day

from {{ numbers(110 * 365 + 27) }} as numbers
