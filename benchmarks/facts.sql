-- The facts of the bulletin, by hand: one DuckDB program from the lake's Parquet to the enrolment and the care cube.
--
-- It does by other ways what the dbt models do, so it is their yardstick (time, memory) and their check (compare.sql).
-- It reads no seed: the code lists below are its own. Run it with facts.py, which sets the variable `lake`
-- (folder of the records) and times each step; a step begins at a line `-- step:`.
--
-- Ways: keys and persons are sought by 64-bit hash first and compared exactly among the few candidates; one wide pass
-- over the settlements computes rules, dimensions and sums of every row; what must not count (older versions, refunds
-- and what they cancel) is a small set, summed apart and subtracted; a spell is +1 in its first month and -1 in the month
-- it no longer covers, so that members are running sums, and only persons with overlapping spells are resolved.
-- Sums are taken within a weight and multiplied by it afterwards: exact, and no row is multiplied.

-- step: settings and code lists
set threads = 2;
set memory_limit = '4GB';
set preserve_insertion_order = false;

create or replace macro month_index(d) as cast(year(d) * 12 + month(d) - 1 as integer);
create or replace macro month_end(m) as last_day(make_date(cast(m // 12 as integer), cast(m % 12 as integer) + 1, 1));
-- Codes are looked up by functions of the code alone: DuckDB then computes them once an entry of a column's dictionary,
-- not once a row (a CASE or IN over the same codes takes ten times as long).
create or replace macro is_known_region(code) as coalesce(length(code) = 6 and list_position([
    '11', '12', '13', '14', '15', '21', '22', '23', '31', '32', '33', '34', '35', '36', '37', '41', '42', '43', '44', '45', '46',
    '50', '51', '52', '53', '54', '61', '62', '63', '64', '65', '66'], substr(code, 1, 2)) is not null, false);
create or replace macro is_known_insutype(code) as list_position([
    '310', '320', '330', '340', '350', '360', '370', '380', '390', '391', '392', '399', '410', '510', '610', '39902', '39916'], code) is not null;
create or replace macro is_known_psn_type(code) as list_position(['11', '12', '13', '14', '15', '16', '34'], substr(code, 1, 2)) is not null;
create or replace macro scheme_no(insutype) as coalesce(map(['310', '390', '391', '380', '510'], [1, 2, 2, 2, 3])[insutype], 4);
create or replace macro status_no(psn_type) as coalesce(map(['11', '12', '13', '14', '15', '16'], [1, 2, 2, 3, 4, 5])[substr(psn_type, 1, 2)], 6);
create or replace macro care_no_listed(code) as map(
    ['11', '12', '13', '15', '16', '19', '81', '9118', '9901', '14', '140104', '140201', '140401', '9119',
     '21', '210104', '2101', '2114', '22', '23', '24', '25', '26', '27', '28', '71', '92', '9218', '9219', '9902', '9921', '9925',
     '41', '9216', '51', '52', '53', '61', '9107'],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6])[code];
-- an unlisted local code goes with its national parent, its first two digits
create or replace macro care_no(code) as coalesce(care_no_listed(code), care_no_listed(substr(code, 1, 2)), 6);
create or replace macro level_no(hosp_lv) as coalesce(map(['01', '02', '03', '04', '12', '05', '06', '07', '13'], [1, 1, 1, 1, 1, 2, 2, 2, 2])[hosp_lv], 3);
-- the insured prefecture of a code as a number: four digits, but municipalities and cities run as such or by their province are their own
create or replace macro prefecture(n) as case when n // 10000 in (11, 12, 31, 50) then n // 10000 when n in (130181, 130682) or n // 100 in (4190, 4290, 4690, 6590) then n else n // 100 end;
-- All dimensions of a settlement in one number, the key of the cube: month, insured region, scheme, member status, care type,
-- hospital level, and the treatment province of care away from home (00 at home; the own province within it). Region codes
-- are digits here; abolished prefectures are taken as delivered.
create or replace macro away_to(insured, treated) as case
    when insured = treated then 0
    -- at a province's own level one is at home in all of it
    when substr(insured, 1, 2) = substr(treated, 1, 2) and (substr(insured, 3, 2) = '99' or substr(insured, 3, 4) = '0000') then 0
    when prefecture(try_cast(insured as integer)) = prefecture(try_cast(treated as integer)) then 0
    else try_cast(treated as integer) // 10000 end;
create or replace macro settlement_cell(setl_time, insured, treated, insutype, psn_type, med_type, hosp_lv) as
    (cast(month_index(setl_time) as bigint) * 1000000 + try_cast(insured as integer)) * 1000000
    + scheme_no(insutype) * 100000 + status_no(psn_type) * 10000 + care_no(med_type) * 1000 + level_no(hosp_lv) * 100 + away_to(insured, treated);

-- the insured province of a cell: a key belongs to the province that gave it
create or replace macro province(cell) as cell // 10000000000 % 100;

create or replace macro person_key(certno, certno_check, psn_no) as
    case when certno_check in ('valid', 'other_type') then certno else coalesce(psn_no, certno) end;

-- numbers back to words
create or replace macro scheme_word(n) as ['employee', 'resident', 'maternity', 'other'][n];
create or replace macro status_word(n) as ['in_service', 'retired', 'child', 'adult', 'elderly', 'unknown'][n];
create or replace macro care_word(n) as ['outpatient_emergency', 'outpatient_chronic', 'inpatient', 'pharmacy', 'maternity', 'other'][n];
create or replace macro level_word(n) as ['tertiary', 'secondary', 'primary_and_below'][n];
create or replace macro employer_word(n) as [null, 'enterprise', 'government_institution', 'flexible_other'][n + 1];
create or replace macro account_word(n) as [null, 'pooling_and_account', 'pooling_only', 'unknown'][n + 1];

-- batches that a later batch corrects are left out
create or replace temp table batch as
select batch_id, record, sequence, rows_typed
from read_parquet(getvariable('lake') || '/*/*/batch.parquet', union_by_name = true)
where batch_id not in (select corrects from read_parquet(getvariable('lake') || '/*/*/batch.parquet') where corrects is not null);

set variable settlement_files = (
    select list_append(coalesce(list(getvariable('lake') || '/settlement/' || batch_id || '/rows.parquet' order by batch_id), []),
        getvariable('lake') || '/settlement/_empty/rows.parquet') from batch where record = 'settlement');
set variable enrollment_files = (
    select list_append(coalesce(list(getvariable('lake') || '/enrollment/' || batch_id || '/rows.parquet' order by batch_id), []),
        getvariable('lake') || '/enrollment/_empty/rows.parquet') from batch where record = 'enrollment');

-- Without a flag a row that names an original and has a negative total is a refund.
create or replace macro is_refund(flag, original, total) as coalesce(flag in ('1', '001'), original is not null and total < 0, false);

-- Every settlement with the rules it breaks (bits) and its dimensions as small numbers; bits of errors are below 2^20.
-- `rows` names a view or table with the delivered columns, so that a filter can stand before the work and not after it.
create or replace macro checked_settlement(rows) as table
select
    src_batch_id, src_row_no, setl_id, coalesce(rid, setl_id) as row_key, init_setl_id, mdtrt_id, updt_time, setl_time,
    begndate, enddate, ipt_days, weight,
    is_refund(refd_setl_flag, init_setl_id, medfee_sumamt) as is_refund,
    coalesce(vali_flag, '1') = '1' as is_valid,
    coalesce(mid_setl_flag, '0') <> '1' and coalesce(setl_type, '') <> '3' as is_final,
    case when setl_id is null then 1 else 0 end
    + case when not is_known_insutype(insutype) then 2 else 0 end
    + case when care_no_listed(med_type) is null and not coalesce(regexp_full_match(med_type, '[0-9]{2,6}'), false) then 4 else 0 end
    + case when not is_known_region(insu_admdvs) then 8 else 0 end
    + case when not is_known_region(fix_blng_admdvs) then 16 else 0 end
    + case when setl_time is null or setl_time < timestamp '2000-01-01' or setl_time >= timestamp '2100-01-01' then 32 else 0 end
    + case when enddate < begndate then 64 else 0 end
    + case when abs(medfee_sumamt - fulamt_ownpay_amt - overlmt_selfpay - preselfpay_amt - inscp_amt) > 0.01 then 128 else 0 end
    + case when abs(medfee_sumamt - fund_pay_sumamt - psn_pay - coalesce(ownpay_hosp_part, 0)) > 0.01 then 256 else 0 end
    + case when abs(psn_pay - acct_pay - cash_payamt) > 0.01
        and coalesce(abs(psn_pay - acct_pay - cash_payamt - acct_mulaid_pay) > 0.01, true) then 512 else 0 end
    + case when is_refund(refd_setl_flag, init_setl_id, medfee_sumamt) then case when medfee_sumamt > 0 or fund_pay_sumamt > 0 then 1024 else 0 end
        else case when medfee_sumamt < 0 or fund_pay_sumamt < 0 then 1024 else 0 end end
    + case when medfee_sumamt is null or fund_pay_sumamt is null then 2048 else 0 end
    + case when psn_no is null and coalesce(certno_check, 'absent') = 'absent' then 4096 else 0 end
    + case when not is_known_psn_type(psn_type) then 1048576 else 0 end
    + case when care_no_listed(med_type) is null and care_no_listed(substr(med_type, 1, 2)) is null and med_type is not null then 2097152 else 0 end
    + case when abs(fund_pay_sumamt - hifp_pay - cvlserv_pay - hifes_pay - hifmi_pay - hifob_pay - coalesce(hifdm_pay, 0) - maf_pay - othfund_pay) > 0.02
        then 4194304 else 0 end
    + case when certno_check = 'wrong_check_digit' then 8388608 else 0 end
    + case when enddate > begndate + 365 or setl_time < begndate then 16777216 else 0 end
    + case when hosp_lv is not null and list_position(['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14'], hosp_lv) is null
        then 33554432 else 0 end as broken,
    care_no(med_type) as care,
    settlement_cell(setl_time, insu_admdvs, fix_blng_admdvs, insutype, psn_type, med_type, hosp_lv) as cell,
    medfee_sumamt, fund_pay_sumamt, fulamt_ownpay_amt, inscp_amt, overlmt_selfpay, preselfpay_amt, act_pay_dedc, hifp_pay, cvlserv_pay, hifes_pay,
    hifmi_pay, hifob_pay, hifdm_pay, maf_pay, othfund_pay, psn_pay, acct_pay, cash_payamt, ownpay_hosp_part, acct_mulaid_pay
from query_table(rows);

create or replace temp view delivered_settlement as from read_parquet(getvariable('settlement_files'));

create or replace temp table settlement_rule (bit integer, rule_code varchar, level varchar);
insert into settlement_rule values
    (0, 'SETL-001', 'error'), (1, 'SETL-002', 'error'), (2, 'SETL-003', 'error'), (3, 'SETL-005', 'error'), (4, 'SETL-007', 'error'),
    (5, 'SETL-009', 'error'), (6, 'SETL-010', 'error'), (7, 'SETL-011', 'error'), (8, 'SETL-012', 'error'), (9, 'SETL-013', 'error'),
    (10, 'SETL-015', 'error'), (11, 'SETL-023', 'error'), (12, 'SETL-024', 'error'), (20, 'SETL-004', 'warning'), (21, 'SETL-006', 'warning'),
    (22, 'SETL-014', 'warning'), (23, 'SETL-020', 'warning'), (24, 'SETL-021', 'warning'), (25, 'SETL-022', 'warning');

-- step: settlement keys that occur more than once (by hash)
create or replace temp table repeated_key as
select hash(coalesce(rid, setl_id), substr(insu_admdvs, 1, 2)) as h
from read_parquet(getvariable('settlement_files'))
group by h
having count(*) > 1;

-- step: settlements that refunds name (by hash)
create or replace temp table refunded_key as
select distinct hash(init_setl_id, substr(insu_admdvs, 1, 2)) as h
from read_parquet(getvariable('settlement_files'))
where is_refund(refd_setl_flag, init_setl_id, medfee_sumamt) and init_setl_id is not null;

-- step: refunds, what they name, and rows of a repeated key, whole
create or replace temp table seldom as
with found as materialized (
    select *
    from delivered_settlement
    where is_refund(refd_setl_flag, init_setl_id, medfee_sumamt)
        or hash(coalesce(rid, setl_id), substr(insu_admdvs, 1, 2)) in (from repeated_key)
        or hash(setl_id, substr(insu_admdvs, 1, 2)) in (from refunded_key)
)
from checked_settlement('found');

-- step: older versions and refunds paired
create or replace temp table older_settlement as
select src_batch_id, src_row_no
from seldom inner join batch on src_batch_id = batch_id
where broken & 1048575 = 0
qualify row_number() over (partition by row_key, province(cell) order by updt_time desc nulls last, sequence desc, src_row_no desc) > 1;

create or replace temp table latest_seldom as
select seldom.*
from seldom anti join older_settlement using (src_batch_id, src_row_no)
where broken & 1048575 = 0;

create or replace macro undone(a, b) as abs(coalesce(a, 0) + coalesce(b, 0)) <= 0.01;

create or replace temp table refund as
select
    back.src_batch_id, back.src_row_no, paid.src_batch_id as paid_batch_id, paid.src_row_no as paid_row_no,
    paid.cell // 1000000000000 as paid_month, paid.weight,
    paid.setl_id is not null as is_found,
    undone(back.medfee_sumamt, paid.medfee_sumamt) and undone(back.fund_pay_sumamt, paid.fund_pay_sumamt)
    and undone(back.fulamt_ownpay_amt, paid.fulamt_ownpay_amt) and undone(back.overlmt_selfpay, paid.overlmt_selfpay)
    and undone(back.preselfpay_amt, paid.preselfpay_amt) and undone(back.inscp_amt, paid.inscp_amt) and undone(back.act_pay_dedc, paid.act_pay_dedc)
    and undone(back.hifp_pay, paid.hifp_pay) and undone(back.cvlserv_pay, paid.cvlserv_pay) and undone(back.hifes_pay, paid.hifes_pay)
    and undone(back.hifmi_pay, paid.hifmi_pay) and undone(back.hifob_pay, paid.hifob_pay) and undone(back.hifdm_pay, paid.hifdm_pay)
    and undone(back.maf_pay, paid.maf_pay) and undone(back.othfund_pay, paid.othfund_pay) and undone(back.psn_pay, paid.psn_pay)
    and undone(back.acct_pay, paid.acct_pay) and undone(back.cash_payamt, paid.cash_payamt)
    and undone(back.ownpay_hosp_part, paid.ownpay_hosp_part) and undone(back.acct_mulaid_pay, paid.acct_mulaid_pay) as is_equal,
    row_number() over (partition by paid.setl_id, province(paid.cell), is_equal order by back.setl_time, back.src_batch_id, back.src_row_no) as refund_no
from (from latest_seldom where is_refund and is_valid) as back
left join (from latest_seldom where not is_refund and is_valid) as paid on back.init_setl_id = paid.setl_id and province(back.cell) = province(paid.cell);

create or replace table refund_result as
select month_end(paid_month) as month, count(*) as refunds, sum(weight) as refunds_netted
from refund
where is_equal and refund_no = 1
group by all;

-- rows refused by comparison with others, and pairs that cancel each other; all of them keep every rule of their own
create or replace temp table not_counted as
select src_batch_id, src_row_no, 'SETL-019' as rule_code from older_settlement
union all
select src_batch_id, src_row_no,
    case when not is_found then 'SETL-016' when not is_equal then 'SETL-017' when refund_no > 1 then 'SETL-018' end
from refund
union all
select paid_batch_id, paid_row_no, null from refund where is_equal and refund_no = 1;

-- step: settlement cube, all rows
-- A row that breaks a rule is a group of its own (its batch and row number), so that this one pass also lists the findings.
create or replace temp table settlement_group as
select
    case when broken <> 0 then src_batch_id end as src_batch_id,
    case when broken <> 0 then src_row_no end as src_row_no,
    broken,
    case when broken & 1048575 = 0 and is_valid then cell end as cell,
    weight,
    count(*) filter (where is_final and care <> 3) as visits,
    sum(medfee_sumamt) as medfee_sumamt,
    sum(fund_pay_sumamt) as fund_pay_sumamt,
    sum(medfee_sumamt - fulamt_ownpay_amt) as catalog_cost,
    sum(fund_pay_sumamt) filter (where fulamt_ownpay_amt is not null) as catalog_fund_paid,
    sum(inscp_amt) as in_scope_cost,
    sum(fund_pay_sumamt) filter (where inscp_amt is not null) as in_scope_fund_paid
from checked_settlement('delivered_settlement')
group by all;

-- step: settlement findings
create or replace table settlement_finding as
select src_batch_id, src_row_no, rule_code, level
from settlement_group inner join settlement_rule on broken & (1 << bit) <> 0
union all
select src_batch_id, src_row_no, rule_code, 'error' from not_counted where rule_code is not null;

-- step: inpatient visits
create or replace temp view delivered_stay as
from delivered_settlement where care_no(med_type) = 3 and coalesce(vali_flag, '1') = '1';

create or replace temp table stay_row as
select
    coalesce(mdtrt_id, setl_id) as mdtrt_id,
    substr(insu_admdvs, 1, 2) as province,
    case when coalesce(mid_setl_flag, '0') <> '1' and coalesce(setl_type, '') <> '3' then setl_time end as final_time,
    setl_id,
    settlement_cell(setl_time, insu_admdvs, fix_blng_admdvs, insutype, psn_type, med_type, hosp_lv) as cell,
    weight,
    -- a second reimbursement pays for days that are already counted
    case when coalesce(setl_type, '') <> '3' then coalesce(ipt_days, greatest(enddate - begndate, 1), 0) else 0 end as bed_days
from delivered_stay
anti join (
    select src_batch_id, src_row_no from settlement_finding where level = 'error'
    union all
    select src_batch_id, src_row_no from not_counted where rule_code is null
) using (src_batch_id, src_row_no);

create or replace temp table stay_group as
select cell, sum(weight) as discharges, sum(bed_days * weight) as bed_days
from (
    select
        arg_max(cell, (final_time, setl_id)) filter (where final_time is not null) as cell,
        arg_max(weight, (final_time, setl_id)) filter (where final_time is not null) as weight,
        sum(bed_days) as bed_days
    from stay_row
    group by mdtrt_id, province
)
where cell is not null
group by all;

-- step: care cube
create or replace table care_cube as
with uncounted as (
    select seldom.*
    from seldom semi join not_counted using (src_batch_id, src_row_no)
    where is_valid
),

summed as (
    select
        cell, visits * weight as visits, 0 as discharges, 0 as bed_days, medfee_sumamt * weight as medical_cost, fund_pay_sumamt * weight as fund_paid,
        catalog_cost * weight as catalog_cost, catalog_fund_paid * weight as catalog_fund_paid,
        in_scope_cost * weight as in_scope_cost, in_scope_fund_paid * weight as in_scope_fund_paid
    from settlement_group
    where cell is not null
    union all
    select
        cell, -case when is_final and care <> 3 then weight else 0 end, 0, 0, -medfee_sumamt * weight, -fund_pay_sumamt * weight,
        (fulamt_ownpay_amt - medfee_sumamt) * weight, case when fulamt_ownpay_amt is not null then -fund_pay_sumamt * weight end,
        -inscp_amt * weight, case when inscp_amt is not null then -fund_pay_sumamt * weight end
    from uncounted
    union all
    select cell, discharges, discharges, bed_days, 0, 0, 0, 0, 0, 0 from stay_group
),

cells as (
    select
        cell, sum(visits) as visits, sum(discharges) as discharges, sum(bed_days) as bed_days, sum(medical_cost) as medical_cost,
        sum(fund_paid) as fund_paid, sum(catalog_cost) as catalog_cost, sum(catalog_fund_paid) as catalog_fund_paid,
        sum(in_scope_cost) as in_scope_cost, sum(in_scope_fund_paid) as in_scope_fund_paid
    from summed
    group by cell
    having sum(visits) <> 0 or sum(discharges) <> 0 or sum(medical_cost) <> 0 or sum(fund_paid) <> 0
)

select
    month_end(cell // 1000000000000) as month,
    cast(cell // 1000000 % 1000000 as varchar) as region_code,
    scheme_word(cell // 100000 % 10) as scheme,
    status_word(cell // 10000 % 10) as member_status,
    care_word(cell // 1000 % 10) as care_type,
    level_word(cell // 100 % 10) as hospital_level,
    case when cell % 100 = 0 then 'local' when cell % 100 = cell // 10000000000 % 100 then 'in_province' else 'cross_province' end as travel_scope,
    case when cell % 100 > 0 then cell % 100 || '0000' end as treatment_province,
    visits, discharges, bed_days, medical_cost, fund_paid, catalog_cost, catalog_fund_paid, in_scope_cost, in_scope_fund_paid
from cells;

-- step: enrolment, its rules and cells
create or replace temp table enrollment_rule (bit integer, rule_code varchar, level varchar);
insert into enrollment_rule values
    (0, 'ENRL-001', 'error'), (1, 'ENRL-002', 'error'), (2, 'ENRL-003', 'error'), (3, 'ENRL-005', 'error'), (4, 'ENRL-006', 'error'),
    (5, 'ENRL-007', 'error'), (6, 'ENRL-008', 'error'), (20, 'ENRL-004', 'warning'), (21, 'ENRL-011', 'warning'), (22, 'ENRL-012', 'warning'),
    (23, 'ENRL-013', 'warning'), (24, 'ENRL-014', 'warning'), (25, 'ENRL-016', 'warning'), (26, 'ENRL-017', 'warning');

-- the months of the result; a spell covers the month-ends from its first month to before the month in which it is suspended
set variable first_month = 2019 * 12 + 11;
set variable last_month = 2025 * 12 + 11;

-- months from to before as bits, the first month of the result being bit 0
create or replace macro months_between(from_month, to_month) as
    (cast(1 as hugeint) << cast(to_month - getvariable('first_month') as hugeint)) - (cast(1 as hugeint) << cast(from_month - getvariable('first_month') as hugeint));
create or replace macro employer_no(emp_type) as coalesce(map(
    ['10', '99', '9008', '30', '50', '55', '56', '57', '70', '82', '90', '91', '9001', '9002', '9003', '9004', '9005', '9009',
     '80', '81', '9006', '9007', '9901', '9939'],
    [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])[emp_type], case when emp_type is null then 3 else 1 end);
create or replace macro account_no(hi_type) as coalesce(map(['1', '2', '3'], [1, 2, 2])[hi_type], 3);

create or replace macro checked_enrollment(rows) as table
select
    src_batch_id, src_row_no, coalesce(rid, psn_insu_rlts_id) as row_key, psn_insu_rlts_id, updt_time, crt_insu_date, insu_admdvs, weight,
    person_key(certno, certno_check, psn_no) as person,
    case when psn_no is not null then hash(psn_no) end as number,
    try_cast(insu_admdvs as integer) as region,
    month_index(crt_insu_date) <= coalesce(month_index(paus_insu_date), 999999) as is_ordered,
    scheme_no(insutype) as scheme,
    insutype = '310' and coalesce(matn_insu_flag, '0') = '1' as has_maternity,
    case when psn_insu_rlts_id is null then 1 else 0 end
    + case when psn_no is null and coalesce(certno_check, 'absent') = 'absent' then 2 else 0 end
    + case when not is_known_insutype(insutype) then 4 else 0 end
    + case when list_position(['0', '1', '2', '3', '4'], psn_insu_stas) is null then 8 else 0 end
    + case when crt_insu_date is null then 16 else 0 end
    + case when paus_insu_date < crt_insu_date then 32 else 0 end
    + case when not is_known_region(insu_admdvs) then 64 else 0 end
    + case when not is_known_psn_type(psn_type) then 1048576 else 0 end
    + case when certno_check = 'wrong_check_digit' then 2097152 else 0 end
    + case when certno_check = 'malformed' then 4194304 else 0 end
    + case when certno_conflict is not null then 8388608 else 0 end
    + case when surv_stas = '2' and psn_insu_stas = '1' and paus_insu_date is null then 16777216 else 0 end
    + case when hi_type is not null and list_position(['1', '2', '3'], hi_type) is null then 33554432 else 0 end
    + case when emp_type is not null and list_position(
        ['10', '99', '9008', '30', '50', '55', '56', '57', '70', '82', '90', '91', '9001', '9002', '9003', '9004', '9005', '9009',
         '80', '81', '9006', '9007', '9901', '9939'], emp_type) is null then 67108864 else 0 end as broken,
    -- a spell that can cover a day of a basic scheme or of maternity insurance
    coalesce(vali_flag, '1') = '1' and list_position(['0', '3'], psn_insu_stas) is null and scheme_no(insutype) <= 3 as is_cover,
    greatest(month_index(crt_insu_date), getvariable('first_month')) as from_month,
    least(coalesce(month_index(paus_insu_date), 999999), getvariable('last_month') + 1) as to_month,
    -- all dimensions in one number: insured region, scheme (4: employee with maternity), member status, kind of employer, account
    try_cast(insu_admdvs as bigint) * 10000
    + case when insutype = '310' and coalesce(matn_insu_flag, '0') = '1' then 4 else scheme_no(insutype) end * 1000 + status_no(psn_type) * 100
    + case when insutype = '310' then employer_no(emp_type) * 10 + account_no(hi_type) else 0 end as cell
from query_table(rows);

create or replace temp view delivered_enrollment as from read_parquet(getvariable('enrollment_files'));

-- step: enrolment keys that occur more than once (by hash)
create or replace temp table repeated_spell as
select hash(coalesce(rid, psn_insu_rlts_id), substr(insu_admdvs, 1, 2)) as h
from delivered_enrollment
group by h
having count(*) > 1;

-- step: persons with overlapping spells or several numbers (by hash)
-- Months as bits: where the bits of all spells together are fewer than the months of each added up, some month is covered twice.
create or replace temp table compared_person as
with spell as (
    select
        hash(person) as h, number, region,
        case when is_cover and broken & 1048575 = 0 and from_month < to_month then months_between(from_month, to_month) end as months,
        case when months is not null then to_month - from_month end as covered
    from checked_enrollment('delivered_enrollment')
    where is_ordered
)
select
    h, min(region) as region, min(number) < max(number) as has_several_numbers,
    count(covered) > 1 and bit_count(bit_or(months)) < sum(covered) as has_overlap
from spell
group by h
having has_several_numbers or has_overlap;

-- step: spells of a repeated key or of such a person, whole
create or replace temp table seldom_spell as
with found as materialized (
    select *
    from delivered_enrollment
    where hash(coalesce(rid, psn_insu_rlts_id), substr(insu_admdvs, 1, 2)) in (from repeated_spell)
        or hash(person_key(certno, certno_check, psn_no)) in (select h from compared_person where has_overlap)
)
from checked_enrollment('found');

create or replace temp table older_spell as
select src_batch_id, src_row_no
from seldom_spell inner join batch on src_batch_id = batch_id
where broken & 1048575 = 0
qualify row_number() over (partition by row_key, substr(insu_admdvs, 1, 2) order by updt_time desc nulls last, sequence desc, src_row_no desc) > 1;

-- step: overlapping spells resolved
-- Maternity is insured beside a basic scheme, so the two are resolved apart: family 1 basic, 2 maternity. Employee goes
-- before resident (scheme 2); maternity insurance of its own and that of an employee are equal.
create or replace temp table spell_to_resolve as
select person, family, scheme, crt_insu_date, insu_admdvs, psn_insu_rlts_id, from_month, to_month, weight,
    case when family = 1 then cell else cell // 10000 * 10000 + 3000 + cell % 1000 end as cell
from seldom_spell anti join older_spell using (src_batch_id, src_row_no), (values (1), (2)) as families (family)
where broken & 1048575 = 0 and is_cover and from_month < to_month
    and case when family = 1 then scheme <= 2 else scheme = 3 or has_maternity end;

create or replace temp table resolved_spell as
with bounds as (
    select distinct person, family, bound
    from (
        select person, family, from_month as bound from spell_to_resolve
        union all
        select person, family, to_month from spell_to_resolve
    )
),

pieces as (
    select person, family, bound as from_month, lead(bound) over (partition by person, family order by bound) as to_month from bounds
),

covered as (
    select
        spell.family, spell.cell, spell.weight, pieces.from_month, pieces.to_month,
        row_number() over (
            partition by spell.person, spell.family, pieces.from_month
            order by spell.scheme = 2, spell.crt_insu_date desc, spell.insu_admdvs, spell.psn_insu_rlts_id
        ) as rank_in_nation,
        row_number() over (
            partition by spell.person, spell.family, substr(spell.insu_admdvs, 1, 2), pieces.from_month
            order by spell.scheme = 2, spell.crt_insu_date desc, spell.insu_admdvs, spell.psn_insu_rlts_id
        ) as rank_in_province
    from pieces
    inner join spell_to_resolve as spell
        on pieces.person = spell.person and pieces.family = spell.family
        and spell.from_month <= pieces.from_month and pieces.to_month <= spell.to_month
)

select family, cell, from_month, to_month, weight, rank_in_nation = 1 as in_nation
from covered
where rank_in_province = 1;

-- step: enrolment cube, all rows
create or replace temp table spell_group as
select
    case when broken <> 0 then src_batch_id end as src_batch_id,
    case when broken <> 0 then src_row_no end as src_row_no,
    broken,
    case when broken & 1048575 = 0 and is_cover and from_month < to_month then cell end as cell,
    case when broken & 1048575 = 0 and is_cover and from_month < to_month then from_month end as from_month,
    case when broken & 1048575 = 0 and is_cover and from_month < to_month then to_month end as to_month,
    weight,
    count(*) as spells
from checked_enrollment('delivered_enrollment')
group by all;

create or replace table enrollment_finding as
select src_batch_id, src_row_no, rule_code, level
from spell_group inner join enrollment_rule on broken & (1 << bit) <> 0
union all
select src_batch_id, src_row_no, 'ENRL-015', 'error' from older_spell;

-- step: members by month
create or replace table member_cube as
with counted as (
    select cell, from_month, to_month, spells * weight as members, spells * weight as as_reported
    from spell_group
    where cell is not null
    union all
    select cell, from_month, to_month, -weight, -weight
    from seldom_spell
    where broken & 1048575 = 0 and is_cover and from_month < to_month
),

-- an employee with maternity insurance is a member of both
by_scheme as (
    select case when cell // 1000 % 10 = 4 then cell - 3000 else cell end as cell, from_month, to_month, members, as_reported
    from counted
    union all
    select cell - 1000, from_month, to_month, members, as_reported
    from counted
    where cell // 1000 % 10 = 4
    union all
    select case when cell // 1000 % 10 = 4 then cell - 3000 else cell end, from_month, to_month, case when in_nation then weight else 0 end, weight
    from resolved_spell
),

events as (
    select cell, month, sum(members) as members, sum(as_reported) as as_reported
    from (
        select cell, from_month as month, members, as_reported from by_scheme
        union all
        select cell, to_month, -members, -as_reported from by_scheme where to_month <= getvariable('last_month')
    )
    group by all
),

months as (
    select cell, unnest(range(first_event, getvariable('last_month') + 1)) as month
    from (select cell, min(month) as first_event from events group by cell)
),

running as (
    select
        cell, month,
        sum(events.members) over (partition by cell order by month) as members,
        sum(events.as_reported) over (partition by cell order by month) as as_reported
    from months left join events using (cell, month)
)

select
    month_end(month) as month,
    cast(cell // 10000 as varchar) as region_code,
    scheme_word(cell // 1000 % 10) as scheme,
    status_word(cell // 100 % 10) as member_status,
    employer_word(cell // 10 % 10) as employer_type,
    account_word(cell % 10) as account_mode,
    members, as_reported as members_as_reported
from running
where members <> 0 or as_reported <> 0;

-- step: persons to review
create or replace table review_person as
with several_certificates as (
    select min(try_cast(insu_admdvs as integer)) as region
    from delivered_enrollment
    where psn_no is not null and certno_check in ('valid', 'other_type')
    group by hash(psn_no)
    having min(hash(certno)) < max(hash(certno))
)
select 'several numbers' as finding, region // 10000 as province, count(*) as persons from compared_person where has_several_numbers group by province
union all
select 'several certificates', region // 10000, count(*) from several_certificates group by all;

-- step: rejected rows and counts by rule
create or replace table rejected_row as
select 'settlement' as record, src_batch_id as batch_id, src_row_no as row_no, list_sort(list(rule_code)) as rule_codes
from settlement_finding where level = 'error'
group by all
union all
select 'enrollment', src_batch_id, src_row_no, list_sort(list(rule_code))
from enrollment_finding where level = 'error'
group by all;

create or replace table rule_count as
select rule_code, level, count(*) as rows
from (select rule_code, level from settlement_finding union all select rule_code, level from enrollment_finding)
group by all;

create or replace table batch_count as
select record, batch_id, rows_typed, count(row_no) as rows_rejected, rows_typed - count(row_no) as rows_accepted
from batch left join rejected_row using (record, batch_id)
where record in ('settlement', 'enrollment')
group by record, batch_id, rows_typed;
