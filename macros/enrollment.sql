{# Whom a row is about: the certificate where it is sound, else the person number (rule date-cover-1). #}
{% macro person_of(certificate, check, number) -%}
case when {{ check }} in ('valid', 'other_type') then {{ certificate }} else coalesce({{ number }}, {{ certificate }}) end
{%- endmacro %}

{# Which of several spells that cover a person at one date counts (rule date-cover-1): employee before resident, then the
   later start, then the smaller region code, then the smaller spell number. #}
{% macro spell_precedence(spell) -%}
case when {{ spell }}.scheme = 'resident' then 2 else 1 end, {{ spell }}.started_on desc, {{ spell }}.region_code, {{ spell }}.spell_id
{%- endmacro %}

{# Rows that cover a month-end, once for each population they belong to: basic insurance, maternity insurance (its own or an
   employee's). #}
{% macro members_of_populations(rows, columns) -%}
{%- for population, condition in [('basic', "scheme in ('employee', 'resident')"), ('maternity', "(scheme = 'maternity' or has_maternity)")] %}
{%- if not loop.first %}

union all

{% endif -%}
select
    '{{ population }}' as population,
    region_code,
    scheme,
    member_status,
    employer_type,
    account_mode,
    start_month_no,
    end_month_no,
    {{ columns | join(',\n    ') }}

from {{ rows }}
where {{ condition }}
    and is_enrolled
    and start_month_no < end_month_no
{%- endfor %}
{%- endmacro %}
