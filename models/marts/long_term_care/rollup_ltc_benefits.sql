-- depends_on: {{ ref('fct_ltc_benefits') }}
{{ rollup('ltc_benefits') }}
