-- A fact: month × region × dimensions, with what is summed. The arithmetic of a form is that of macros/forms: here a register, in
-- which an object holds at a month's end, entered, left or moved to another cell within a month.
-- 事实表：月 × 区划 × 维度，各列为可相加的量。各形式的算法在 macros/forms 中：此处为登记，即月末有效、月内进入、退出或转入另一分组。
with

held as (

    {{ held_objects(ref('accepted_example_register'), ['point_number'], ['region_code', 'kind_code']) | indent(4) }}

),

changes as (

    {{ register_changes('held', ['point_number'], ['region_code', 'kind_code']) | indent(4) }}

),

by_month as (

    {{ stocks_by_month('changes', ['region_code', 'kind_code'], ['held'], ['entered', 'gone', 'moved']) | indent(4) }}

)

-- The last month before the statistics has the stock that the first year begins with, and no flows.
-- 统计期前的最后一个月只有期初数，没有变动数。
select
    by_month.month,
    by_month.region_code,
    kinds.maps_to as point_kind,
    cast(by_month.held as decimal(28, 6)) as points,
    cast(case when by_month.month_no >= period.first_flow_month_no then by_month.entered end as decimal(28, 6)) as opened,
    cast(case when by_month.month_no >= period.first_flow_month_no then by_month.gone end as decimal(28, 6)) as closed,
    cast(case when by_month.month_no >= period.first_flow_month_no then by_month.moved end as decimal(28, 6)) as moved

from by_month
cross join {{ ref('reporting_period') }} as period
{{ join_word('example_kind', 'by_month.kind_code', 'kinds') }}
