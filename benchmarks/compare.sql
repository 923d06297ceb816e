-- The models' tables (database `warehouse`) against the same figures from facts.sql (database `facts`), exactly:
-- what was compared, in how many cells, and in how many the two differ. Further columns of the models are summed over,
-- a cell that one side lacks is zero there, and months outside the models' period are left out (its first month has stocks alone).

with

period as (
    select min(month) as first_month, max(month) as last_month from warehouse.fct_enrollment
),

enrollment as (
    select month, region_code, scheme, member_status, employer_type, account_mode, sum(members) as members, sum(members_as_reported) as members_as_reported
    from (
        select month, region_code, scheme, member_status, employer_type, account_mode, members, members_as_reported
        from warehouse.fct_enrollment
        union all
        select month, region_code, scheme, member_status, employer_type, account_mode, -members, -members_as_reported
        from facts.member_cube, period
        where scheme in ('employee', 'resident') and month between first_month and last_month
    )
    group by month, region_code, scheme, member_status, employer_type, account_mode
),

maternity as (
    select month, region_code, sum(members) as members, sum(visits) as visits, sum(medical_cost) as medical_cost
    from (
        select month, region_code, members, visits, medical_cost from warehouse.fct_maternity
        union all
        select month, region_code, -members, 0, 0 from facts.member_cube where scheme = 'maternity'
        union all
        select month, region_code, 0, -visits, -medical_cost from facts.care_cube where care_type = 'maternity' and month > (select first_month from period)
    ), period
    where month between first_month and last_month
    group by month, region_code
),

care as (
    select
        month, region_code, scheme, member_status, care_type, hospital_level, travel_scope, sum(visits) as visits, sum(discharges) as discharges,
        sum(bed_days) as bed_days, sum(medical_cost) as medical_cost, sum(fund_paid) as fund_paid, sum(catalog_cost) as catalog_cost,
        sum(catalog_fund_paid) as catalog_fund_paid, sum(in_scope_cost) as in_scope_cost, sum(in_scope_fund_paid) as in_scope_fund_paid
    from (
        select
            month, region_code, scheme, member_status, care_type, hospital_level, travel_scope, visits, discharges, bed_days,
            medical_cost, fund_paid, catalog_cost, catalog_fund_paid, in_scope_cost, in_scope_fund_paid
        from warehouse.fct_care
        union all
        select
            month, region_code, scheme, member_status, care_type, hospital_level, travel_scope, -visits, -discharges, -bed_days,
            -medical_cost, -fund_paid, -catalog_cost, -catalog_fund_paid, -in_scope_cost, -in_scope_fund_paid
        from facts.care_cube
        where month > (select first_month from period) and scheme in ('employee', 'resident')
    ), period
    where month between first_month and last_month
    group by month, region_code, scheme, member_status, care_type, hospital_level, travel_scope
),

away_care as (
    select month, region_code, scheme, care_type, travel_scope, place, sum(visits) as visits, sum(medical_cost) as medical_cost
    from (
        select month, region_code, scheme, care_type, travel_scope, counterpart_region as place, visits, medical_cost from warehouse.fct_away_care
        union all
        select month, region_code, scheme, care_type, travel_scope, treatment_province, -visits, -medical_cost
        from facts.care_cube
        where month > (select first_month from period) and scheme in ('employee', 'resident') and travel_scope <> 'local'
            and care_type in ('outpatient_emergency', 'outpatient_chronic', 'inpatient')
    ), period
    where month between first_month and last_month
    group by month, region_code, scheme, care_type, travel_scope, place
),

rejections as (
    select coalesce(models.rule_codes, '') <> coalesce(array_to_string(facts.rule_codes, ','), '') as differs
    from (from warehouse.rejected_rows where record in ('enrollment', 'settlement')) as models
    full join facts.rejected_row as facts on models.record = facts.record and models.batch_id = facts.batch_id and models.row_no = facts.row_no
),

review as (
    select finding, province, sum(persons) as persons
    from (
        select
            case when finding like 'one certificate under several person numbers%' then 'several numbers' else 'several certificates' end as finding,
            try_cast(province_code as integer) // 10000 as province, persons
        from warehouse.review_persons
        union all
        select finding, province, -persons from facts.review_person
    )
    group by finding, province
)

select 'members' as what, count(*) as cells, count(*) filter (where members <> 0) as differing from enrollment
union all
select 'members as reported', count(*), count(*) filter (where members_as_reported <> 0) from enrollment
union all
select 'maternity', count(*), count(*) filter (where members <> 0 or visits <> 0 or medical_cost <> 0) from maternity
union all
select 'visits', count(*), count(*) filter (where visits <> 0) from care
union all
select 'discharges', count(*), count(*) filter (where discharges <> 0) from care
union all
select 'bed days', count(*), count(*) filter (where bed_days <> 0) from care
union all
select 'medical cost', count(*), count(*) filter (where medical_cost <> 0) from care
union all
select 'fund paid', count(*), count(*) filter (where fund_paid <> 0) from care
union all
select 'cost in the catalogue', count(*), count(*) filter (where catalog_cost <> 0 or catalog_fund_paid <> 0) from care
union all
select 'cost in policy scope', count(*), count(*) filter (where in_scope_cost <> 0 or in_scope_fund_paid <> 0) from care
union all
select 'away care', count(*), count(*) filter (where visits <> 0 or medical_cost <> 0) from away_care
union all
select 'rejected rows', count(*), count(*) filter (where differs) from rejections
union all
select 'persons under several numbers', count(*), count(*) filter (where persons <> 0) from review where finding = 'several numbers'
union all
select 'numbers of several persons', count(*), count(*) filter (where persons <> 0) from review where finding = 'several certificates'
