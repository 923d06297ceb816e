{{ config(materialized='view') }}
{%- for record in var('records') %}
-- depends_on: {{ ref('accepted_' ~ record) }}
{%- endfor %}

select region_code
from {{ ref('int_record_entries') }}
group by region_code
having sum(entries) > 0
{%- for record in var('records') %}
{%- for place in meta_of(record).get('also_located_by', []) %}

union

select {{ place }} as region_code
from {{ ref('accepted_' ~ record) }}
where {{ is_entry(record) }}
{%- endfor %}
{%- endfor %}
