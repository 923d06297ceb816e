-- depends_on: {{ ref('fct_enrollment') }}
{{ rollup('enrollment') }}
