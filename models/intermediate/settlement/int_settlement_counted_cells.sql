{{ config(materialized='view') }}
{%- set cell = settlement_cell() | join(',\n    ') %}

select
    settlements,
    {{ cell }},
    {{ settlement_sums() | join(',\n    ') }}

from {{ ref('checked_settlement_pass') }}
where is_valid
    and not is_rejected

union all

-- What is left out for the sake of other rows is in those sums: it is taken out again.
select
    -1 as settlements,
    {{ cell }},
    {% for column in settlement_sums() -%}
    -{{ column }} as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('checked_settlement_rows_to_compare') }} as single
inner join {{ ref('checked_settlement') }} as left_out
    on single.batch_id = left_out.batch_id
    and single.row_no = left_out.row_no
where single.is_valid
    and left_out.reason <> 'broken rule'
