-- depends_on: {{ ref('fct_care') }}
{{ rollup('care') }}
