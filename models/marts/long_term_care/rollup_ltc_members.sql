-- depends_on: {{ ref('fct_ltc_members') }}
{{ rollup('ltc_members') }}
