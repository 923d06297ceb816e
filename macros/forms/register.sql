{# The form register: an object with attributes for a half-open interval of days. It holds at a day that is not before its first day
   and before the day it ends; at the last day of a month, so from the month of its first day to the month before that of its end.
   Registers are counted at month ends: a row's months are the half-open interval of `start_month_no` and `end_month_no`. #}

{# The first month at whose end a row holds, not before `first_month_no`. #}
{% macro month_begun(began_on, first_month_no) %}greatest(cast({{ month_index(began_on) }} as int), {{ first_month_no }}){% endmacro %}

{# The first month at whose end a row no longer holds; the one after `last_month_no` where it holds until then. #}
{% macro month_ended(ended_on, last_month_no) %}least(coalesce(cast({{ month_index(ended_on) }} as int), {{ last_month_no }} + 1), {{ last_month_no }} + 1){% endmacro %}

{# Rows of an object whose months meet, in the pieces of time in which none of them begins or ends: every row with each of its
   pieces, as `piece_start_no` and `piece_end_no`. #}
{% macro divided_rows(rows, object) -%}
(
        select
            spells.*,
            pieces.piece_start_no,
            pieces.piece_end_no

        from (
            select
                points.*,
                points.month_no as piece_start_no,
                lead(points.month_no) over (partition by {{ object | join(', ') }} order by points.month_no nulls last) as piece_end_no

            from (
                select {{ object | join(', ') }}, start_month_no as month_no from {{ rows }} as started
                union
                select {{ object | join(', ') }}, end_month_no from {{ rows }} as ended
            ) as points
        ) as pieces
        inner join {{ rows }} as spells
            on {% for name in object %}pieces.{{ name }} = spells.{{ name }}
            and {% endfor %}pieces.piece_start_no >= spells.start_month_no
            and pieces.piece_end_no <= spells.end_month_no
    )
{%- endmacro %}

{# Body of a model of what a register holds: of each object (the columns `object`) one row at a time, with the columns `kept`,
   `weight` and its months within the statistics. `rows` are accepted rows with began_on, ended_on, valid_flag, weight; of several
   that hold at a month's end `precedence` (its terms; nulls are last in each) decides, unless told otherwise the later beginning, the later update, the later batch,
   the later row. #}
{% macro held_objects(rows, object, kept, precedence=none) -%}
{%- set order = precedence or ['began_on desc', 'updated_at desc', 'sequence desc', 'row_no desc'] -%}
with

entries as (

    select
        register.*,
        batches.sequence,
        {{ month_begun('register.began_on', 'period.first_stock_month_no') }} as start_month_no,
        {{ month_ended('register.ended_on', 'period.last_month_no') }} as end_month_no

    from {{ rows }} as register
    inner join {{ ref('stg_batches') }} as batches on register.batch_id = batches.batch_id
    cross join {{ ref('reporting_period') }} as period
    where {{ is_valid('register.valid_flag') }}

),

-- What begins and ends within a month holds at no month's end.
holding as (

    select * from entries where start_month_no < end_month_no

),

ranked as (

    select
        divided.*,
        row_number() over (partition by {{ object | join(', ') }}, piece_start_no order by {{ order | join(' nulls last, ') }} nulls last) as rank_of_row

    from {{ divided_rows('holding', object) }} as divided

)

select
    {{ (object + kept) | join(',\n    ') }},
    weight,
    piece_start_no as start_month_no,
    piece_end_no as end_month_no

from ranked
where rank_of_row = 1
{%- endmacro %}

{# Body of a model of what changes in a register, out of `held`, a model of held objects: by month and `cell` (columns that `held`
   has) the objects that are there from the beginning of the statistics (`opening`), that entered, left, or moved here from another
   cell or weight (`moved`, below zero where they moved away), weighted. The stock at a month's end is the sum of all of them to it. #}
{% macro register_changes(held, object, cell) -%}
{%- set attributes = cell + ['weight'] -%}
{%- set same = [] -%}
{%- for name in attributes -%}{%- do same.append(name ~ ' is not distinct from ' ~ name ~ '_before') -%}{%- endfor -%}
with

neighbours as (

    select
        {{ attributes | join(',\n        ') }},
        start_month_no,
        end_month_no,
        {%- for name in attributes %}
        lag({{ name }}) over periods_of_object as {{ name }}_before,
        {%- endfor %}
        coalesce(lag(end_month_no) over periods_of_object = start_month_no, false) as follows,
        coalesce(lead(start_month_no) over periods_of_object = end_month_no, false) as is_followed

    from {{ held }} as held
    window periods_of_object as (partition by {{ object | join(', ') }} order by start_month_no nulls last)

),

changes as (

    select
        start_month_no as month_no,
        {{ cell | join(',\n        ') }},
        case when not follows and start_month_no = period.first_stock_month_no then weight else 0 end as opening,
        case when not follows and start_month_no > period.first_stock_month_no then weight else 0 end as entered,
        0 as gone,
        case when follows then weight else 0 end as moved

    from neighbours
    cross join {{ ref('reporting_period') }} as period
    where not follows
        or not ({{ same | join(' and ') }})

    union all

    select
        start_month_no as month_no,
        {%- for name in cell %}
        {{ name }}_before as {{ name }},
        {%- endfor %}
        0 as opening,
        0 as entered,
        0 as gone,
        -weight_before as moved

    from neighbours
    where follows
        and not ({{ same | join(' and ') }})

    union all

    select
        end_month_no as month_no,
        {{ cell | join(',\n        ') }},
        0 as opening,
        0 as entered,
        weight as gone,
        0 as moved

    from neighbours
    cross join {{ ref('reporting_period') }} as period
    where not is_followed
        and end_month_no <= period.last_month_no

)

select
    month_no,
    {{ cell | join(',\n    ') }},
    sum(opening) as opening,
    sum(entered) as entered,
    sum(gone) as gone,
    sum(moved) as moved,
    sum(opening + entered - gone + moved) as held

from changes
group by month_no, {{ cell | join(', ') }}
{%- endmacro %}

{# Rows that begin and end as changes: by month and `cell`, what the months `start_month_no` bring of `measures` and the months
   `end_month_no` take away. #}
{% macro changes_of_spells(spells, cell, measures) -%}
select
    {%- for name in cell %}
    spells.{{ name }},
    {%- endfor %}
    case when side.sign = 1 then spells.start_month_no else spells.end_month_no end as month_no,
    {%- for measure in measures %}
    sum(side.sign * spells.{{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
    {%- endfor %}

from {{ spells }} as spells
cross join (select 1 as sign union all select -1) as side
group by {% for name in cell %}spells.{{ name }}, {% endfor %}case when side.sign = 1 then spells.start_month_no else spells.end_month_no end
{%- endmacro %}

{# Stocks at every month's end of the statistics: by `cell` the sum of all changes of `measures` to it; beside them what a month
   alone brings of `flows`. `changes` has one row a cell and month at most. #}
{% macro stocks_by_month(changes, cell, measures, flows=[]) -%}
select
    {%- for name in cell %}
    cells.{{ name }},
    {%- endfor %}
    months.month_no,
    months.month,
    months.month_of_year,
    {%- for measure in measures %}
    coalesce(sum(changed.{{ measure }}) over to_this_month, 0) as {{ measure }}{{ ',' if flows or not loop.last }}
    {%- endfor %}
    {%- for flow in flows %}
    coalesce(changed.{{ flow }}, 0) as {{ flow }}{{ ',' if not loop.last }}
    {%- endfor %}

from (select distinct {{ cell | join(', ') }} from {{ changes }} as anywhere) as cells
cross join {{ ref('reporting_period') }} as period
inner join {{ ref('int_months') }} as months on months.month_no between period.first_stock_month_no and period.last_month_no
left join {{ changes }} as changed
    on {% for name in cell %}cells.{{ name }} is not distinct from changed.{{ name }}
    and {% endfor %}months.month_no = changed.month_no
window to_this_month as (partition by {% for name in cell %}cells.{{ name }}{{ ', ' if not loop.last }}{% endfor %} order by months.month_no nulls last)
{%- endmacro %}
