-- depends_on: {{ ref('fct_ltc_persons') }}
{{ rollup('ltc_persons') }}
