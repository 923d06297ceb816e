-- depends_on: {{ ref('fct_maternity') }}
{{ rollup('maternity') }}
