-- depends_on: {{ ref('fct_cross_province') }}
{{ rollup('cross_province') }}
