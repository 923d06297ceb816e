-- depends_on: {{ ref('fct_ltc_register') }}
{{ rollup('ltc_register') }}
