-- depends_on: {{ ref('fct_example_points') }}
{{ rollup('example_points') }}
