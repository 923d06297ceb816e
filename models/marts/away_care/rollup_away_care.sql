-- depends_on: {{ ref('fct_away_care') }}
{{ rollup('away_care') }}
