{# Which of several spells that cover a person at one date counts (rule date-cover-1): employee before resident, then the
   later start, then the smaller region code, then the smaller spell number. #}
{% macro spell_precedence(spell) -%}
case when {{ spell }}.scheme = 'resident' then 2 else 1 end, {{ spell }}.started_on desc, {{ spell }}.region_code, {{ spell }}.spell_id
{%- endmacro %}
