with

changes as (

    {{ changes_of_spells(ref('int_ltc_members'), ['region_code', 'ltc_source'], ['weight']) | indent(4) }}

),

by_month as (

    {{ stocks_by_month('changes', ['region_code', 'ltc_source'], ['weight']) | indent(4) }}

)

select
    by_month.month,
    by_month.region_code,
    by_month.ltc_source,
    coalesce(scopes.area_scope, 'outside') as area_scope,
    cast(by_month.weight as decimal(28, 6)) as members

from by_month
left join {{ ref('int_ltc_scopes') }} as scopes
    on by_month.region_code = scopes.region_code
    and by_month.month_no = scopes.month_no
where by_month.weight <> 0
