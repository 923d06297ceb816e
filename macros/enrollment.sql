{# Whom a row is about: the certificate where it is sound, else the person number (rule date-cover-1). #}
{% macro person_of(certificate, check, number) -%}
case when {{ check }} in ('valid', 'other_type') then {{ certificate }} else coalesce({{ number }}, {{ certificate }}) end
{%- endmacro %}

{# Which of several spells that cover a person at one date counts (rule date-cover-1): employee before resident, then the
   later start, then the smaller region code, then the smaller spell number. #}
{% macro spell_precedence(spell) -%}
case when {{ spell }}.scheme = 'resident' then 2 else 1 end nulls last, {{ spell }}.started_on desc nulls last, {{ spell }}.region_code nulls last, {{ spell }}.spell_id nulls last
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

{# What a spell is counted by: region, numbers of its words, months within the years of the statistics. #}
{% macro spell_cell() %}
    {{ return(['insured_region_code', 'scheme_no', 'has_maternity', 'member_status_no', 'employer_type_no', 'account_mode_no',
               'start_month_no', 'end_month_no', 'is_enrolled', 'weight']) }}
{% endmacro %}

{# A month number of the reporting period as a constant; null when nothing was delivered. #}
{% macro period_bound(column) -%}
    {{ return((first_column("select " ~ column ~ " from " ~ ref('reporting_period') ~ " where " ~ column ~ " is not null") + ['null'])[0]) }}
{%- endmacro %}

{# Enrolments out of `rows` with what they are counted by. #}
{% macro with_spell_cells(rows) -%}
{%- set employee = number_of_word('insutype', 'employee') -%}
select
    *,
    scheme_no = {{ employee }} and is_flagged_maternity as has_maternity,
    case when scheme_no = {{ employee }} then employer_no end as employer_type_no,
    case when scheme_no = {{ employee }} then account_no end as account_mode_no

from (
    select
        enrollments.*,
        {{ word_number('insutype', 'enrollments.insurance_type_code', 'other') }} as scheme_no,
        coalesce(enrollments.maternity_insured_flag, '0') = '1' as is_flagged_maternity,
        {{ word_number('psn_type', 'substr(enrollments.person_type_code, 1, 2)', 'unknown') }} as member_status_no,
        case
            when coalesce(enrollments.employer_type_code, '') = '' then {{ number_of_word('emp_type', 'flexible_other') }}
            else {{ word_number('emp_type', 'enrollments.employer_type_code', 'enterprise') }}
        end as employer_no,
        {{ word_number('hi_type', 'enrollments.account_type_code', 'unknown') }} as account_no,
        {{ is_valid('enrollments.valid_flag') }} and enrollments.enrollment_status_code not in ('0', '3') as is_enrolled,
        {{ month_begun('enrollments.started_on', period_bound('first_stock_month_no')) }} as start_month_no,
        {{ month_ended('enrollments.suspended_on', period_bound('last_month_no')) }} as end_month_no

    from {{ rows }} as enrollments
) as numbered
{%- endmacro %}

{# The columns of `spell_cell` with the words in place of their numbers. #}
{% macro spell_words() -%}
    insured_region_code as region_code,
    {{ word('insutype', 'scheme_no', 'other') }} as scheme,
    has_maternity,
    {{ word('psn_type', 'member_status_no', 'unknown') }} as member_status,
    case when employer_type_no is not null then {{ word('emp_type', 'employer_type_no', 'enterprise') }} end as employer_type,
    case when account_mode_no is not null then {{ word('hi_type', 'account_mode_no', 'unknown') }} end as account_mode,
    start_month_no,
    end_month_no,
    is_enrolled,
    weight
{%- endmacro %}
