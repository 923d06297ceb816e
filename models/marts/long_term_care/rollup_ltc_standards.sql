-- depends_on: {{ ref('fct_ltc_standards') }}
{{ rollup('ltc_standards') }}
