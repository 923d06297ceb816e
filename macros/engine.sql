{# What engines write differently stands here, dispatched; models use only these names. #}

{% macro month_index(date) %}{{ return(adapter.dispatch('month_index', 'gongbao')(date)) }}{% endmacro %}
{% macro default__month_index(date) %}(extract(year from {{ date }}) * 12 + extract(month from {{ date }}) - 1){% endmacro %}

{% macro month_end(index) %}last_day(make_date({{ year_of_month(index) }}, {{ month_of_year(index) }}, 1)){% endmacro %}

{# The hash of one or more columns. #}
{% macro key_hash(columns) %}{{ return(adapter.dispatch('key_hash', 'gongbao')(columns)) }}{% endmacro %}
{% macro duckdb__key_hash(columns) %}hash({{ columns }}){% endmacro %}
{% macro spark__key_hash(columns) %}xxhash64({{ columns }}){% endmacro %}

{# Rows 0 … count - 1 in the column `n`. #}
{% macro numbers(count) %}{{ return(adapter.dispatch('numbers', 'gongbao')(count)) }}{% endmacro %}
{% macro duckdb__numbers(count) %}(select range as n from range({{ count }})){% endmacro %}
{% macro spark__numbers(count) %}(select id as n from range({{ count }})){% endmacro %}


{# A ratio of two decimals, half-up at ten decimal places; null unless the denominator is above zero. #}
{% macro ratio(numerator, denominator, scale=1) %}{{ return(adapter.dispatch('ratio', 'gongbao')(numerator, denominator, scale)) }}{% endmacro %}
{# DuckDB divides decimals as doubles, so whole numbers are divided: n ÷ d half-up is (2n + d) ÷ 2d, rounded down. #}
{% macro duckdb__ratio(numerator, denominator, scale=1) -%}
case
    when {{ denominator }} > 0
        then cast(
            sign({{ numerator }}) * ((2 * abs({{ in_ten_decimals(numerator) }}) * {{ scale }} * 10000000000 + {{ in_ten_decimals(denominator) }}) // (2 * {{ in_ten_decimals(denominator) }}))
            as decimal(38, 0)
        ) * 0.0000000001
end
{%- endmacro %}
{% macro in_ten_decimals(number) %}cast(cast({{ number }} as decimal(38, 10)) * 10000000000 as hugeint){% endmacro %}
{# Spark divides decimals exactly and rounds half-up to the scale of the result's type, which of these two is 10. #}
{% macro spark__ratio(numerator, denominator, scale=1) -%}
case
    when {{ denominator }} > 0
        then cast(cast(cast({{ numerator }} as decimal(28, 10)) * {{ scale }} as decimal(28, 10)) / cast({{ denominator }} as decimal(28, 10)) as decimal(38, 10))
end
{%- endmacro %}

{# A difference of two values; of two decimals of 38 digits Spark would cut the last decimal. #}
{% macro difference_of(value, other) %}(cast({{ value }} as decimal(37, 10)) - cast({{ other }} as decimal(37, 10))){% endmacro %}

{# Half of a decimal, exactly: a division by 2 would be one of doubles. #}
{% macro half_of(number) %}(cast({{ number }} as decimal(28, 6)) * 0.5){% endmacro %}

{# A sum of yuan (or of counts) times the expansion weight of its rows. Sums are taken within a weight first, so that no
   row of an extract without weights is multiplied. #}
{% macro weighted(amount, weight='weight') %}cast(cast({{ amount }} as decimal(19, 2)) * cast({{ weight }} as decimal(18, 6)) as decimal(38, 8)){% endmacro %}

{# The year of a month index, by whole-number division. #}
{% macro year_of_month(index) %}cast(floor(({{ index }}) / 12.0) as int){% endmacro %}
{% macro month_of_year(index) %}cast(({{ index }}) % 12 + 1 as int){% endmacro %}

{# The value of a key in a constant table, null when it is not there. A function of the column alone: DuckDB computes it once
   an entry of a column's dictionary, where a join, a CASE or an IN is computed once a row. #}
{% macro looked_up(column, keys, values) %}{{ return(adapter.dispatch('looked_up', 'gongbao')(column, keys, values)) }}{% endmacro %}
{% macro duckdb__looked_up(column, keys, values) %}map(['{{ keys | join("', '") }}'], [{{ values | join(', ') }}])[{{ column }}]{% endmacro %}
{% macro spark__looked_up(column, keys, values) %}map_from_arrays(array('{{ keys | join("', '") }}'), array({{ values | join(', ') }}))[{{ column }}]{% endmacro %}

{# Whether a column is one of constants; not where it is null. A function of the column alone, as `looked_up` is (DuckDB turns
   IN and list_contains of many constants into a join of every row). #}
{% macro is_one_of(column, values) %}{{ return(adapter.dispatch('is_one_of', 'gongbao')(column, values)) }}{% endmacro %}
{% macro duckdb__is_one_of(column, values) %}(list_position(['{{ values | join("', '") }}'], {{ column }}) is not null){% endmacro %}
{% macro spark__is_one_of(column, values) %}coalesce({{ column }} in ('{{ values | join("', '") }}'), false){% endmacro %}

{# The n-th (from 1) of a list. #}
{% macro list_item(list, n) %}{{ return(adapter.dispatch('list_item', 'gongbao')(list, n)) }}{% endmacro %}
{% macro duckdb__list_item(list, n) %}{{ list }}[{{ n }}]{% endmacro %}
{% macro spark__list_item(list, n) %}element_at({{ list }}, {{ n }}){% endmacro %}

{% macro list_of(items) %}{{ return(adapter.dispatch('list_of', 'gongbao')(items)) }}{% endmacro %}
{% macro duckdb__list_of(items) %}[{{ items | join(', ') }}]{% endmacro %}
{% macro spark__list_of(items) %}array({{ items | join(', ') }}){% endmacro %}

{# Ten to a power as an exact decimal; null outside `powers`. #}
{% macro power_of_ten(power, powers, type) -%}
case {{ power }}
    {%- for n in powers %}
    when {{ n }} then cast('{{ '1' ~ '0' * n if n >= 0 else '0.' ~ '0' * (-n - 1) ~ '1' }}' as {{ type }})
    {%- endfor %}
end
{%- endmacro %}

{# A value as printed: half-up, once, from the full decimal value. `factor` is how many last digits there are in a base unit (with two
   decimals of 100 million yuan 0.000001: the last digit is a million); both are exact decimals, so that no division comes before the
   rounding. An amount has at most 14 digits before the point: more would leave no room for the product's. #}
{% macro print_value(value, factor, last_digit) -%}
cast(round(cast({{ value }} as decimal(24, 10)) * {{ factor }}, 0) * {{ last_digit }} as decimal(28, 4))
{%- endmacro %}

{# A text as a literal. #}
{% macro quoted(value) %}{{ return(adapter.dispatch('quoted', 'gongbao')(value)) }}{% endmacro %}
{% macro default__quoted(value) %}{{ return("'" ~ value | replace("'", "''") ~ "'") }}{% endmacro %}
{# Spark takes two literals in a row for one, so that a doubled quote vanishes. #}
{% macro spark__quoted(value) %}{{ return("'" ~ value | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") }}{% endmacro %}

{# The values of a group in their order, as a list: each value that differs by more than `tolerance` from the one carried forward so far,
   which stands for it otherwise. #}
{% macro carried_forward(value, order_by, tolerance) %}{{ return(adapter.dispatch('carried_forward', 'gongbao')(value, order_by, tolerance)) }}{% endmacro %}
{% macro duckdb__carried_forward(value, order_by, tolerance) -%}
list_reduce(
    list([{{ value }}] order by {{ order_by }}),
    lambda carried, next: list_append(carried, case when abs(next[1] - carried[-1]) > {{ tolerance }} then next[1] else carried[-1] end)
)
{%- endmacro %}
{% macro spark__carried_forward(value, order_by, tolerance) -%}
{%- set values = 'transform(array_sort(collect_list(struct(' ~ order_by ~ ' as place, ' ~ value ~ ' as item))), listed -> listed.item)' -%}
aggregate(
    slice({{ values }}, 2, 1000000),
    slice({{ values }}, 1, 1),
    (carried, next) -> concat(carried, array(case when abs(next - element_at(carried, -1)) > {{ tolerance }} then next else element_at(carried, -1) end))
)
{%- endmacro %}

{# Rows known when a model is written, each a mapping of columns to literals, as one list of values: `select … union all select …` is a task
   a row on Spark. While the project is parsed there are none. #}
{% macro literal_rows(rows) -%}
{%- if not rows -%}select 1 as parsed
{%- else -%}
select *
from (
    values
    {%- for row in rows %}
    ({{ row.values() | join(', ') }}){{ ',' if not loop.last }}
    {%- endfor %}
) as given ({{ rows[0].keys() | join(', ') }})
{%- endif -%}
{%- endmacro %}

{# The texts of a group in one, in the order of `order_by`; nulls are left out. #}
{% macro listed(value, separator, order_by=none) %}{{ return(adapter.dispatch('listed', 'gongbao')(value, separator, order_by or value)) }}{% endmacro %}
{% macro duckdb__listed(value, separator, order_by) %}string_agg({{ value }}, '{{ separator }}' order by {{ order_by }}){% endmacro %}
{% macro spark__listed(value, separator, order_by) -%}
nullif(array_join(transform(array_sort(collect_list(case when {{ value }} is not null then struct({{ order_by }} as place, {{ value }} as item) end)), listed -> listed.item), '{{ separator }}'), '')
{%- endmacro %}

{# The rows of a query on seeds; none before the project runs. Many models ask the same while they are compiled: it is answered once a run. #}
{% macro rows_of(query) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set answers = graph.setdefault('answers', {}) -%}
    {%- if query not in answers -%}{%- do answers.update({query: run_query(query).rows}) -%}{%- endif -%}
    {{ return(answers[query]) }}
{%- endmacro %}

{# The first column of such a query's result as a list. #}
{% macro first_column(query) -%}
    {{ return(rows_of(query) | map(attribute=0) | list) }}
{%- endmacro %}

{# The parts of a text, one row each; stands in a select list. #}
{% macro exploded(text, separator) %}{{ return(adapter.dispatch('exploded', 'gongbao')(text, separator)) }}{% endmacro %}
{% macro duckdb__exploded(text, separator) %}unnest(string_split({{ text }}, '{{ separator }}')){% endmacro %}
{% macro spark__exploded(text, separator) %}explode(split({{ text }}, '{{ separator }}')){% endmacro %}

{# Whether a cell (dims) has all the pairs of a pattern: `fund_part=pooled;scheme=employee`. `care_type=_T` is a cell that is not split by
   care_type; an empty pattern is every cell. #}
{% macro cell_contains(dims, pattern) %}{{ return(adapter.dispatch('cell_contains', 'gongbao')(dims, pattern)) }}{% endmacro %}
{% macro duckdb__cell_contains(dims, pattern) -%}
coalesce(list_bool_and(list_transform(string_split({{ pattern }}, ';'), lambda pair: {{ cell_has_pair(dims, 'pair') }})), true)
{%- endmacro %}
{% macro spark__cell_contains(dims, pattern) %}coalesce(forall(split({{ pattern }}, ';'), pair -> {{ cell_has_pair(dims, 'pair') }}), true){% endmacro %}
{% macro cell_has_pair(dims, pair) -%}
case
    when right({{ pair }}, 3) = '=_T' then not contains(';' || {{ dims }}, ';' || substr({{ pair }}, 1, length({{ pair }}) - 2))
    else contains(';' || {{ dims }} || ';', ';' || {{ pair }} || ';')
end
{%- endmacro %}
