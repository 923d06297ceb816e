-- depends_on: {{ ref('fct_ltc_items') }}
{{ rollup('ltc_items') }}
