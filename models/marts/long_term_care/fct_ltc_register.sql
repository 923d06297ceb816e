-- Objects of a kind, and with item_class '_T' of any kind: an area that is a pilot too is one area.
with

institution_changes as (

    {{ register_changes(ref('int_ltc_institutions'), ['object_id'], ['region_code', 'kind_code']) | indent(4) }}

),

institution_changes_of_any_kind as (

    {{ register_changes(ref('int_ltc_institutions'), ['object_id'], ['region_code']) | indent(4) }}

),

institutions_by_month as (

    {{ stocks_by_month('institution_changes', ['region_code', 'kind_code'], ['held'], ['entered', 'gone', 'moved']) | indent(4) }}

),

institutions_of_any_kind as (

    {{ stocks_by_month('institution_changes_of_any_kind', ['region_code'], ['held'], ['entered', 'gone', 'moved']) | indent(4) }}

),

areas_by_month as (

    select distinct
        months.month,
        months.month_no,
        areas.object_id,
        areas.region_code,
        areas.kind_code,
        areas.weight

    from {{ ref('int_ltc_areas') }} as areas
    inner join {{ ref('int_months') }} as months on months.month_no between areas.start_month_no and areas.end_month_no - 1

),

counted as (

    select month, month_no, region_code, kind_code as item_class, held as institutions, entered, gone, moved, 0 as areas
    from institutions_by_month

    union all

    select month, month_no, region_code, '_T' as item_class, held as institutions, entered, gone, moved, 0 as areas
    from institutions_of_any_kind

    union all

    select month, month_no, region_code, kind_code as item_class, 0, 0, 0, 0, weight as areas
    from areas_by_month

    union all

    select month, month_no, region_code, '_T' as item_class, 0, 0, 0, 0, max(weight) as areas
    from areas_by_month
    group by month, month_no, region_code, object_id

)

select
    counted.month,
    counted.region_code,
    counted.item_class,
    coalesce(scopes.area_scope, 'outside') as area_scope,
    cast(sum(counted.institutions) as decimal(28, 6)) as institutions,
    cast(sum(counted.entered) as decimal(28, 6)) as institutions_entered,
    cast(sum(counted.gone) as decimal(28, 6)) as institutions_left,
    cast(sum(counted.moved) as decimal(28, 6)) as institutions_moved,
    cast(sum(counted.areas) as decimal(28, 6)) as areas

from counted
left join {{ ref('int_ltc_scopes') }} as scopes
    on counted.region_code = scopes.region_code
    and counted.month_no = scopes.month_no
group by counted.month, counted.region_code, counted.item_class, coalesce(scopes.area_scope, 'outside')
having sum(abs(counted.institutions) + counted.entered + counted.gone + abs(counted.moved) + counted.areas) > 0
