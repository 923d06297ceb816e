{%- set always = always_dimensions() %}
{%- for subject in var('subjects') %}
-- depends_on: {{ ref('rollup_' ~ subject) }}
{%- endfor %}
-- depends_on: {{ ref('matched_populations') }}
-- depends_on: {{ ref('int_delivery_coverage') }}

{% set parts = [] -%}
{%- for subject in var('subjects') if execute -%}
    {%- set part = observations_of(subject, always) -%}
    {%- if part -%}{%- do parts.append('select * from (\n\n' ~ part ~ '\n\n) as of_' ~ subject) -%}{%- endif -%}
{%- endfor -%}
{{ parts | join('\n\nunion all\n\n') or 'select 1 as parsed' }}
