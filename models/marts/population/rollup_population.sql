-- depends_on: {{ ref('fct_population') }}
{{ rollup('population') }}
