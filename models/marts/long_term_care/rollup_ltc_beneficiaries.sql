-- depends_on: {{ ref('fct_ltc_beneficiaries') }}
{{ rollup('ltc_beneficiaries') }}
