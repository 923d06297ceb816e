-- depends_on: {{ ref('fct_fund') }}
{{ rollup('fund') }}
