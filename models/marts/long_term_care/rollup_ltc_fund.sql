-- depends_on: {{ ref('fct_ltc_fund') }}
{{ rollup('ltc_fund') }}
