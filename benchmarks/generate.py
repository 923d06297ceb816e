"""Writes a benchmark lake: N synthetic settlements and about N / 3 enrolment spells at weight 1, set-based in DuckDB.

The lake has the layout that `gongbao ingest` leaves behind (one folder a batch with rows.parquet, unreadable.parquet,
batch.parquet, control.parquet and years.parquet), so that `gongbao build` and facts.sql start from the same files. Every value is a hash
of a running number: no seed is needed, the same N gives the same rows. All persons are synthetic.

    python benchmarks/generate.py --rows 1000000 --out data/benchmark/home        # writes data/benchmark/home/lake
    python benchmarks/generate.py --csv-rows 20000000 --out data/benchmark/inbox    # writes settlement.csv for the ingest benchmark
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Collection
from pathlib import Path

import duckdb

from gongbao.contracts import load_contracts, record_names
from gongbao.ingest import manifest

PROJECT = Path(__file__).resolve().parent.parent
REGIONS = PROJECT / "seeds" / "codes" / "regions.csv"
RECEIVED_ON = "2026-07-01"  # every batch came on this day
YEARS = range(2020, 2026)

# Residents of the 2020 census in 10,000 persons (the Corps' are part of Xinjiang's): how rows spread over provinces.
RESIDENTS = {
    "110000": 2189, "120000": 1387, "130000": 7461, "140000": 3492, "150000": 2405, "210000": 4259, "220000": 2407,
    "230000": 3185, "310000": 2487, "320000": 8475, "330000": 6457, "340000": 6103, "350000": 4154, "360000": 4519,
    "370000": 10153, "410000": 9937, "420000": 5775, "430000": 6644, "440000": 12601, "450000": 5013, "460000": 1008,
    "500000": 3205, "510000": 8367, "520000": 3856, "530000": 4721, "540000": 365, "610000": 3953, "620000": 2502,
    "630000": 592, "640000": 720, "650000": 2260, "660000": 325,
}  # fmt: skip

SETTLEMENTS_PER_BASE_ROW = 1.0215  # refunds, older versions, interim and second settlements come on top of the base rows
SPELLS_PER_PERSON = 1.215  # successive and repeated enrolments
IDS_A_YEAR = 10_000_000  # running numbers kept for a province and year
FIRST_DELIVERY = 1000  # last row of the batch that a later one corrects
MOST_ROWS_IN_MEMORY = 300_000  # base rows made at once: bounds memory whatever N is

# A draw below a million, different for each purpose k; hash(x * 1000 + k) mixes first, hash(x, k) is correlated between k.
MACROS = """
create or replace macro draw(x, k) as cast(hash(x * 1000 + k) % 1000000 as integer);
create or replace macro between_draws(x, k, low, high) as low + cast(hash(x * 1000 + k) % (high - low + 1) as bigint);
create or replace macro yuan(fen) as cast(fen / 100 as decimal(16, 2));
create or replace macro psn_no_raw(p, n) as '4' || n || lpad(cast(p * 7919 as varchar), 28, '0');
create or replace macro psn_no_key(p, n) as md5('psn_no|' || n || '|' || p);
create or replace macro person_insutype(p) as
    case when draw(p, 1) < 400000 then '310' when draw(p, 1) < 993000 then '390' when draw(p, 1) < 995000 then '391'
         when draw(p, 1) < 996500 then '380' when draw(p, 1) < 998500 then '510' else '340' end;
create or replace macro person_type(p, insutype) as
    case when insutype in ('390', '391', '380')
         then case when draw(p, 2) < 180000 then '1403' when draw(p, 2) < 240000 then '1402' when draw(p, 2) < 280000 then '1404'
                   when draw(p, 2) < 700000 then '1501' when draw(p, 2) < 720000 then '15' else '16' end
         else case when draw(p, 2) < 550000 then '1101' when draw(p, 2) < 640000 then '1102' when draw(p, 2) < 730000 then '1103'
                   when draw(p, 2) < 960000 then '1201' when draw(p, 2) < 993000 then '1202' when draw(p, 2) < 997000 then '1300'
                   else '34' end end;
create or replace macro certificate_check(p, rare) as
    case when draw(p, 3) < 1000 * rare then 'wrong_check_digit' when draw(p, 3) < 1300 * rare then 'malformed'
         when draw(p, 3) < 5000 * rare then 'absent' when draw(p, 3) < 8000 * rare then 'other_type' else 'valid' end;
create or replace macro certificate_key(p, rare) as
    case certificate_check(p, rare) when 'absent' then null
         when 'wrong_check_digit' then md5('cert|01|wrong ' || (p // 1000))
         when 'other_type' then md5('cert|03|' || p) else md5('cert|01|' || p) end;
create or replace macro birth_day(p) as date '1940-01-01' + cast(hash(p * 1000 + 4) % 29000 as integer);
create or replace macro first_17(p, county) as
    county || strftime(birth_day(p), '%Y%m%d') || lpad(cast((p * 2 + (draw(p, 5) % 2)) % 1000 as varchar), 3, '0');
create or replace macro with_check_digit(n) as
    n || substr('10X98765432', 1 + cast(list_sum(list_transform([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
        lambda w, j: w * cast(substr(n, j, 1) as integer))) % 11 as integer), 1);
"""

# One row an ordinary settlement. `kind` says what is special about it (parts per million, at most one thing a row).
SETTLEMENT_BASE = """
with numbered as (
    select
        {first_id} + i as i,
        {first_person} + cast(hash(({first_id} + i) * 1000 + 10) % {persons} as bigint) as p,
        draw({first_id} + i, 11) as kind_draw,
        draw({first_id} + i, 12) as med_draw,
        draw({first_id} + i, 13) as place_draw,
        i + 2 as src_row_no
    from (select {first_row} + i as i from numbers where i < {rows}) as piece
),

kinds as (
    select
        *,
        case when kind_draw < 10000 * {rare} then 'refunded'
             when kind_draw < 13000 * {rare} then 'older'
             when kind_draw < 13200 * {rare} then 'I1'
             when kind_draw < 13400 * {rare} then 'I2'
             when kind_draw < 13600 * {rare} then 'I3'
             when kind_draw < 14600 * {rare} then 'not valid'
             when kind_draw < 14640 * {rare} then 'wrong sign'
             when kind_draw < 14660 * {rare} then 'no med_type'
             when kind_draw < 14700 * {rare} then 'dates reversed'
             when kind_draw < 14720 * {rare} then 'unknown insutype'
             when kind_draw < 14740 * {rare} then 'unknown insured place'
             when kind_draw < 14760 * {rare} then 'unknown treatment place'
             when kind_draw < 14780 * {rare} then 'no time'
             when kind_draw < 14830 * {rare} then 'orphan refund'
             when kind_draw < 14880 * {rare} then 'refund differs'
             when kind_draw < 14930 * {rare} then 'refunded twice'
             when kind_draw < 14950 * {rare} then 'no amount'
             when kind_draw < 14980 * {rare} then 'no person'
             when kind_draw < 15010 * {rare} then 'no key'
             when kind_draw < 15080 * {rare} then 'local med_type'
             when kind_draw < 15130 * {rare} then 'unknown hosp_lv'
             when kind_draw < 15330 * {rare} then 'I4'
             when kind_draw < 15380 * {rare} then 'unknown psn_type'
             when kind_draw < 15430 * {rare} then 'long stay'
             else 'ordinary' end as kind,
        case when med_draw < 300000 then '41' when med_draw < 390000 then '14' when med_draw < 393000 then '140104'
             when med_draw < 433000 then '21' when med_draw < 434000 then '24' when med_draw < 435500 then '28'
             when med_draw < 436000 then '71' when med_draw < 442000 then '51' when med_draw < 446000 then '52'
             when med_draw < 447000 then '9107' when med_draw < 447500 then '61' when med_draw < 453500 then '13'
             when med_draw < 458500 then '12' else '11' end as med_type,
        person_insutype(p) as insutype,
        getvariable('counties')[1 + cast(hash(p * 1000 + 6) % len(getvariable('counties')) as integer)] as insu_admdvs,
        case when place_draw < 40000 then getvariable('all_counties')[1 + cast(hash(i * 1000 + 14) % len(getvariable('all_counties')) as integer)]
             when place_draw < 105000 then getvariable('counties')[1 + cast(hash(i * 1000 + 14) % len(getvariable('counties')) as integer)]
        end as other_place,
        timestamp '{year}-01-01' + to_seconds(cast(hash(i * 1000 + 15) % {seconds} as bigint)) as setl_time
    from numbered
),

described as (
    select
        *,
        med_type in ('21', '24', '28', '71', '52') as is_stay,
        case when med_type = '41' then 'pharmacy' when med_type in ('21', '24', '28', '71', '52') then 'stay' else 'clinic' end as place_kind,
        coalesce(other_place, insu_admdvs) as fix_blng_admdvs,
        case when med_type = '41' then null
             when draw(i, 16) < 300000 then '02' when draw(i, 16) < 400000 then '03' when draw(i, 16) < 600000 then '05'
             when draw(i, 16) < 700000 then '06' when draw(i, 16) < 850000 then '08' when draw(i, 16) < 980000 then '11'
             else null end as hosp_lv,
        case when med_type in ('21', '24', '28', '71', '52') then 3 + draw(i, 17) % 14 end as days
    from kinds
),

amounts as (
    select
        *,
        -- fen, drawn on a skewed scale: a few visits cost far more than most
        cast((case place_kind when 'stay' then 150000 when 'pharmacy' then 3000 else 6000 end)
            * exp(2.2 * draw(i, 18) / 1000000) as bigint) as fee
    from described
),

parts as (
    select *, fee * (draw(i, 19) % 120) // 1000 as own, fee * (draw(i, 20) % 15) // 1000 as above, fee * (draw(i, 21) % 60) // 1000 as first_part
    from amounts
),

scoped as (
    select *, fee - own - above - first_part as scope from parts
),

funds as (
    select *,
        case when place_kind = 'pharmacy' then 0 else scope * (500 + draw(i, 22) % 350) // 1000 end as pooled,
        case when draw(i, 23) < 50000 and place_kind = 'stay' then scope // 20 else 0 end as extra,
        case when draw(i, 24) < 30000 then scope // 50 else 0 end as assistance
    from scoped
),

person_part as (
    select *,
        fee - pooled - extra - assistance as person_pays
    from funds
),

split as (
    select *, case when insutype = '310' then person_pays * (300 + draw(i, 25) % 700) // 1000 else 0 end as account from person_part
)

select
    src_row_no,
    kind,
    is_stay,
    p,
    i,
    case when kind = 'no key' then null else '{prefix}' || lpad(cast(i as varchar), 19, '0') end as setl_id,
    'M' || substr('{prefix}', 2) || lpad(cast(i as varchar), 19, '0') as mdtrt_id,
    {person_columns},
    case when kind = 'unknown insutype' then '888' else insutype end as insutype,
    case when kind = 'unknown psn_type' then '77' else person_type(p, insutype) end as psn_type,
    case when kind = 'unknown insured place' then '990101' else insu_admdvs end as insu_admdvs,
    case when kind = 'unknown treatment place' then '00' else fix_blng_admdvs end as fix_blng_admdvs,
    case when kind = 'no time' then null else setl_time end as setl_time,
    case when kind = 'no med_type' then null when kind = 'local med_type' then '8801' else med_type end as med_type,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(fee) as medfee_sumamt,
    case when kind = 'no amount' then null else case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(pooled + extra + assistance) end as fund_pay_sumamt,
    case when kind = 'orphan refund' then '{prefix}' || lpad('9', 19, '9') end as init_setl_id,
    case when kind = 'orphan refund' then '1' else '0' end as refd_setl_flag,
    '0' as mid_setl_flag,
    case when draw(i, 26) < 30000 then '1' else '2' end as setl_type,
    'H' || fix_blng_admdvs || lpad(cast(draw(i, 27) % 400 as varchar), 5, '0') as fixmedins_code,
    case when kind = 'unknown hosp_lv' then '77' else hosp_lv end as hosp_lv,
    cast(setl_time as date) - coalesce(days, 0) - case when kind = 'long stay' then 400 else 0 end as begndate,
    case when kind = 'dates reversed' then cast(setl_time as date) - coalesce(days, 0) - 1 else cast(setl_time as date) end as enddate,
    case when draw(i, 28) < 800000 or kind = 'long stay' then days end as ipt_days,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(own) as fulamt_ownpay_amt,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(above) as overlmt_selfpay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(first_part) as preselfpay_amt,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(scope + case when kind = 'I1' then 100 else 0 end) as inscp_amt,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(case when is_stay then 50000 else 0 end) as act_pay_dedc,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(pooled + case when kind = 'I4' then 100 else 0 end) as hifp_pay,
    yuan(0) as cvlserv_pay,
    yuan(0) as hifes_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(case when insutype = '310' then 0 else extra end) as hifmi_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(case when insutype = '310' then extra else 0 end) as hifob_pay,
    case when draw(i, 29) < 500000 then yuan(0) end as hifdm_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(assistance) as maf_pay,
    yuan(0) as othfund_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(person_pays + case when kind = 'I2' then 100 else 0 end) as psn_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(account) as acct_pay,
    case when kind in ('wrong sign', 'orphan refund') then -1 else 1 end * yuan(person_pays - account + case when kind in ('I2', 'I3') then 100 else 0 end) as cash_payamt,
    case when draw(i, 30) < 700000 then yuan(0) end as ownpay_hosp_part,
    yuan(0) as acct_mulaid_pay,
    case when other_place is null then '2' when left(other_place, 2) = left(insu_admdvs, 2) then '3' else '4' end as pay_loc,
    case place_kind when 'stay' then '21' when 'pharmacy' then '41' else '11' end as clr_type,
    case when place_kind = 'stay' then '40' else '10' end as clr_way,
    case when draw(i, 31) < 600000 then '01' else '03' end as mdtrt_cert_type,
    case when med_type like '14%' then 'M0' || lpad(cast(draw(i, 32) % 60 as varchar), 4, '0') end as dise_no,
    cast(null as varchar) as manl_reim_rea,
    '{year}' as year,
    case when kind = 'not valid' then '0' else '1' end as vali_flag,
    case when {has_rid} then 'R' || substr('{prefix}', 2) || lpad(cast(i as varchar), 24, '0') end as rid,
    setl_time + interval 1 hour as updt_time,
    cast(1 as decimal(18, 6)) as weight
from split
"""

AMOUNTS = [
    "medfee_sumamt", "fund_pay_sumamt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_amt", "act_pay_dedc",
    "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay", "psn_pay",
    "acct_pay", "cash_payamt", "ownpay_hosp_part", "acct_mulaid_pay",
]  # fmt: skip

HASHED_PERSON = """
    case when kind = 'no person' then null else psn_no_key(p, 1) end as psn_no,
    case certificate_check(p, {rare}) when 'other_type' then '03' when 'absent' then null else '01' end as psn_cert_type,
    case when kind = 'no person' then null else certificate_key(p, {rare}) end as certno,
    case when kind = 'no person' then 'absent' else certificate_check(p, {rare}) end as certno_check
"""

RAW_PERSON = """
    psn_no_raw(p, 1) as psn_no,
    '01' as psn_cert_type,
    with_check_digit(first_17(p, insu_admdvs)) as certno
"""

# Rows that follow from a base row. A row whose setl_time or delivery falls in the next year waits for that year's batch.
SETTLEMENT_FOLLOWERS = """
insert into waiting by name
with refunds as (
    -- 70 % on the same day, the rest one to ninety days later; a double refund gets a second row a day after the first
    select
        refunded.* replace (
            refunded.setl_id || 'R' || copy.n as setl_id,
            refunded.setl_id as init_setl_id,
            '1' as refd_setl_flag,
            refunded.rid || 'R' || copy.n as rid,
            refunded.setl_time + interval 1 hour + to_days(copy.n - 1 + case when draw(i, 40) < 700000 then 0 else 1 + draw(i, 41) % 90 end) as setl_time,
            {negated},
            -refunded.fulamt_ownpay_amt - case when refunded.kind = 'refund differs' then 5 else 0 end as fulamt_ownpay_amt,
            -refunded.inscp_amt + case when refunded.kind = 'refund differs' then 5 else 0 end as inscp_amt
        )
    from base as refunded, (values (1), (2)) as copy (n)
    where (refunded.kind in ('refunded', 'refund differs') and copy.n = 1) or refunded.kind = 'refunded twice'
),

interim as (
    -- a first part of a long stay, settled two to six weeks before the end; 12 % of the stays
    select
        stay.* replace (
            stay.setl_id || 'Z1' as setl_id,
            '1' as mid_setl_flag,
            stay.rid || 'Z1' as rid,
            stay.setl_time - to_days(14 + draw(i, 43) % 28) as setl_time,
            stay.begndate - 60 as begndate,
            cast(stay.setl_time as date) - 43 as enddate,
            17 as ipt_days
        )
    from base as stay
    where stay.is_stay and stay.kind = 'ordinary' and draw(i, 42) < 120000
),

second_reimbursement as (
    -- paid again some weeks later without days of its own; 7 % of the stays
    select
        stay.* replace (
            stay.setl_id || 'S1' as setl_id,
            '3' as setl_type,
            stay.rid || 'S1' as rid,
            stay.setl_time + to_days(20 + draw(i, 45) % 60) as setl_time,
            0 as ipt_days
        )
    from base as stay
    where stay.is_stay and stay.kind = 'ordinary' and draw(i, 44) between 120000 and 190000
),

newer_version as (
    -- the same key again with a later change and another amount; half of them come with the next year's delivery
    select
        changed.* replace (
            changed.updt_time + to_days(30) as updt_time,
            changed.medfee_sumamt + 1 as medfee_sumamt,
            changed.fulamt_ownpay_amt + 1 as fulamt_ownpay_amt,
            changed.psn_pay + 1 as psn_pay,
            changed.cash_payamt + 1 as cash_payamt
        )
    from base as changed
    where changed.kind = 'older'
),

followers as (
    select *, year(setl_time) as batch_year from refunds
    union all by name
    select *, year(setl_time) as batch_year from second_reimbursement
    union all by name
    select *, {year} as batch_year from interim
    union all by name
    select *, {year} + cast(draw(i, 46) < 500000 as integer) as batch_year from newer_version
)

select * from followers where batch_year <= {last_year}
"""

ENROLLMENT = """
with persons as (
    select {first_person} + i as p, person_insutype({first_person} + i) as home_insutype
    from (select {first_row} + i as i from numbers where i < {rows}) as piece
),

spells_of_persons as (
    select
        p,
        n,
        1 + cast(draw(p, 51) < 150000 as integer) + cast(draw(p, 51) < 50000 as integer) as spells,
        -- a changed scheme in a later spell: one in four persons
        case when n >= 2 and draw(p, 52) < 250000 then case when home_insutype = '310' then '390' else '310' end else home_insutype end as insutype,
        date '2012-01-01' + cast(hash(p * 1000 + 53) % 3600 as integer) as first_day,
        400 + draw(p, 54) % 900 as first_length,
        300 + draw(p, 55) % 600 as second_length,
        draw(p, 56) % 3 * (draw(p, 57) % 120) as gap,
        getvariable('counties')[1 + cast(hash((p + n // 3) * 1000 + 6) % len(getvariable('counties')) as integer)] as insu_admdvs
    from persons, (values (1), (2), (3)) as spell (n)
    where n <= 1 + cast(draw(p, 51) < 150000 as integer) + cast(draw(p, 51) < 50000 as integer)
),

successive as (
    select
        p,
        n,
        insutype,
        insu_admdvs,
        first_day + case n when 1 then 0 when 2 then first_length + gap else first_length + gap + second_length + gap end as crt_insu_date,
        case when n < spells
             then first_day + case n when 1 then first_length else first_length + gap + second_length end
             when draw(p, 58) < 100000 then date '2020-01-15' + cast(hash(p * 1000 + 59) % 2150 as integer) end as paus_insu_date
    from spells_of_persons
),

repeated_here as (
    -- enrolled twice in the home province at once: other scheme or other county, sometimes from the same day
    select
        p,
        9 as n,
        case when draw(p, 61) < 500000 then case when home_insutype = '310' then '390' else '310' end else home_insutype end as insutype,
        getvariable('counties')[1 + cast(hash(p * 1000 + 62) % len(getvariable('counties')) as integer)] as insu_admdvs,
        date '2012-01-01' + cast(hash(p * 1000 + 53) % 3600 as integer) + case when draw(p, 63) < 300000 then 0 else draw(p, 64) % 390 end as crt_insu_date,
        case when draw(p, 65) < 300000 then date '2022-01-01' + cast(hash(p * 1000 + 66) % 1400 as integer) end as paus_insu_date
    from persons
    where draw(p, 60) < 7000 * {rare}
),

repeated_from_elsewhere as (
    select
        p,
        9 as n,
        case when draw(p, 61) < 500000 then case when person_insutype(p) = '310' then '390' else '310' end else person_insutype(p) end as insutype,
        getvariable('counties')[1 + cast(hash(p * 1000 + 62) % len(getvariable('counties')) as integer)] as insu_admdvs,
        date '2012-01-01' + cast(hash(p * 1000 + 53) % 3600 as integer) + case when draw(p, 63) < 300000 then 0 else draw(p, 64) % 390 end as crt_insu_date,
        case when draw(p, 65) < 300000 then date '2022-01-01' + cast(hash(p * 1000 + 66) % 1400 as integer) end as paus_insu_date
    from enrolled_elsewhere
    where province = '{province}' and {first_row} = 0
),

delivered as (
    select * from (
        select * from successive
        union all by name
        select * from repeated_here
        union all by name
        select * from repeated_from_elsewhere
    )
    where coalesce(paus_insu_date, date '2099-01-01') >= crt_insu_date
),

described as (
    select
        *,
        p * 10 + n as i,
        case when draw(p * 10 + n, 70) < 3000 * {rare} then 'older'
             when draw(p * 10 + n, 70) < 3100 * {rare} then 'no key'
             when draw(p * 10 + n, 70) < 3150 * {rare} then 'no person'
             when draw(p * 10 + n, 70) < 3250 * {rare} then 'unknown insutype'
             when draw(p * 10 + n, 70) < 3350 * {rare} then 'unknown psn_type'
             when draw(p * 10 + n, 70) < 3400 * {rare} then 'unknown status'
             when draw(p * 10 + n, 70) < 3450 * {rare} then 'no start'
             when draw(p * 10 + n, 70) < 3550 * {rare} then 'dates reversed'
             when draw(p * 10 + n, 70) < 3650 * {rare} then 'unknown place'
             when draw(p * 10 + n, 70) < 4650 * {rare} then 'not valid'
             when draw(p * 10 + n, 70) < 4750 * {rare} and certificate_check(p, {rare}) = 'valid' then 'number of another'
             else 'ordinary' end as kind
    from delivered
)

select
    case when kind = 'no key' then null else '{prefix}' || lpad(cast(i as varchar), 23, '0') end as psn_insu_rlts_id,
    -- a valid certificate holds a person together over changed numbers
    case when kind = 'no person' then null
         when kind = 'number of another' then psn_no_key(p + 1, 1)
         else psn_no_key(p, case when n > 1 and certificate_check(p, {rare}) = 'valid' and draw(p, 71) < 300000 then n else 1 end) end as psn_no,
    case when kind = 'unknown insutype' then '888' else insutype end as insutype,
    case when kind = 'unknown psn_type' then '77' else person_type(p, insutype) end as psn_type,
    case when kind = 'unknown status' then '9'
         when draw(i, 72) < 2000 then '0' when draw(i, 72) < 4000 then '3'
         when paus_insu_date is null then '1' when draw(i, 72) < 500000 then '2' else '4' end as psn_insu_stas,
    case when kind = 'no start' then null else crt_insu_date end as crt_insu_date,
    case when kind = 'dates reversed' then crt_insu_date - 5 else paus_insu_date end as paus_insu_date,
    case when kind = 'unknown place' then '990101' else insu_admdvs end as insu_admdvs,
    case certificate_check(p, {rare}) when 'other_type' then '03' when 'absent' then null else '01' end as psn_cert_type,
    case when kind = 'no person' then null else certificate_key(p, {rare}) end as certno,
    case when kind = 'no person' then 'absent' else certificate_check(p, {rare}) end as certno_check,
    case when draw(i, 73) < 500 then 'sex' end as certno_conflict,
    case when draw(p, 5) % 2 = 1 then '1' else '2' end as gend,
    date_trunc('month', birth_day(p)) as brdy,
    case when draw(p, 74) < 1000 then '2' else '1' end as surv_stas,
    case when insutype <> '310' then null when draw(p, 75) < 900000 then '1' when draw(p, 75) < 980000 then '2'
         when draw(p, 75) < 990000 then '3' when draw(p, 75) < 990100 then '9' end as hi_type,
    case when insutype <> '310' then null when draw(p, 76) < 600000 then '10' when draw(p, 76) < 700000 then '30'
         when draw(p, 76) < 820000 then '50' when draw(p, 76) < 850000 then '55' when draw(p, 76) < 900000 then '80' end as emp_type,
    left(insu_admdvs, 4) || '00' as poolarea_no,
    cast(null as varchar) as psn_idet_type,
    case when insutype = '310' and person_type(p, insutype) like '11%' then case when draw(p, 77) < 850000 then '1' else '0' end end as matn_insu_flag,
    case when kind = 'not valid' then '0' else '1' end as vali_flag,
    case when {has_rid} then 'R' || substr('{prefix}', 2) || lpad(cast(i as varchar), 26, '0') end as rid,
    timestamp '2026-01-05 02:00:00' + to_seconds(draw(i, 78)) + to_days(30 * version) as updt_time,
    cast(1 as decimal(18, 6)) as weight
from described, (values (1), (2)) as delivery (version)
where version = 1 or kind = 'older'
"""


@functools.cache
def contract(record: str) -> list[tuple[str, str, str | None]]:
    """Columns of a record in contract order as (name, DuckDB type, default or None), with the columns that reading adds."""
    columns: list[tuple[str, str, str | None]] = []
    for column in load_contracts()[record].columns:
        columns.append((column.name, column.data_type, column.default))
        if column.name == "certno":
            columns.append(("certno_check", "varchar", None))
            if record == "enrollment":
                columns.append(("certno_conflict", "varchar", None))
    return columns


def connect(spill: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the macros and the table `numbers` (0, 1, 2, …), in bounded memory."""
    db = duckdb.connect()
    db.execute(
        f"set enable_progress_bar = false; set threads = 2; set memory_limit = '3GB'; set temp_directory = '{spill}'; set preserve_insertion_order = false"
    )
    db.execute(MACROS)
    db.execute(f"create table numbers as select range as i from range({MOST_ROWS_IN_MEMORY})")
    return db


def counties_by_province(db: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Province code → its county codes: three below every prefecture; a county-level city run as a city stands for itself."""
    rows = db.execute(
        """
        select parent_code, list(region_code order by region_code), list(kind order by region_code)
        from read_csv(?, all_varchar = true)
        where region_level = 'prefecture' and parent_code in (select unnest(?))
            and (kind in ('prefecture', 'division') or region_code in ('110100', '120100', '130181', '130682', '310100', '500100', '500200'))
        group by parent_code
        """,
        [str(REGIONS), list(RESIDENTS)],
    ).fetchall()
    return {
        province: [
            county
            for code, kind in zip(codes, kinds, strict=True)
            for county in ([code] if kind == "county_as_city" else [code[:4] + suffix for suffix in ("02", "03", "04")])
        ]
        for province, codes, kinds in sorted(rows)
    }


class Lake:
    """A lake being written below `root` (its `lake` folder) through one DuckDB connection."""

    def __init__(self, root: Path) -> None:
        self.root = root / "lake"
        self.root.mkdir(parents=True, exist_ok=True)
        self.db = connect(root / "spill")
        self.batches = 0

    def write(self, record: str, stem: str, select: str, *, corrects: str | None = None) -> str:
        """Writes one batch whose rows are `select` (columns by contract name plus src_row_no; absent ones become NULL or the default)."""
        batch = f"{stem}-{self.db.execute('select left(md5(?), 8)', [record + stem]).fetchone()[0]}"
        folder = self.root / record / batch
        folder.mkdir(parents=True, exist_ok=True)
        given = {row[0] for row in self.db.execute(f"describe {select}").fetchall()}
        columns = [
            f"cast({name if name in given else 'null' if default is None else repr(default)} as {kind}) as {name}" for name, kind, default in contract(record)
        ]
        self.copy(
            f"select {', '.join(columns)}, '{batch}' as src_batch_id, src_row_no, date '{RECEIVED_ON}' as src_received_on from ({select})",
            folder / "rows.parquet",
        )
        self.batches += 1
        self.describe(record, batch, folder, corrects)
        manifest.write(
            folder,
            manifest.Batch(
                batch, record, self.batches, f"{RECEIVED_ON}T08:00:00", f"{stem}.csv", "", json.dumps({"record": record, "set": {}, "contract": ""}), corrects
            ),
        )
        return batch

    def empty(self, record: str) -> None:
        """Writes the folder `_empty` that makes the record readable when nothing was delivered."""
        folder = self.root / record / "_empty"
        folder.mkdir(parents=True, exist_ok=True)
        columns = [f"cast(null as {kind}) as {name}" for name, kind, _ in contract(record)]
        self.copy(
            f"select {', '.join(columns)}, cast(null as varchar) as src_batch_id, cast(null as bigint) as src_row_no, cast(null as date) as src_received_on limit 0",
            folder / "rows.parquet",
        )
        self.describe(record, "_empty", folder, None, rows="limit 0")

    def describe(self, record: str, batch: str, folder: Path, corrects: str | None, rows: str = "") -> None:
        """Writes what ingest would have noted about the batch: the batch row, no unreadable rows, the row count as control total."""
        delivered = self.db.execute("select count(*) from read_parquet(?)", [str(folder / "rows.parquet")]).fetchone()[0]
        columns = ",".join(name for name, _, _ in contract(record) if not name.startswith("certno_"))
        self.copy(
            f"""select '{batch}' as batch_id, '{record}' as record, '{batch}.csv' as file_name, md5('{batch}') || md5('{record}') as sha256,
            cast({delivered} as bigint) * 400 as file_bytes, 'csv' as file_format, 'utf-8' as encoding, ',' as delimiter,
            cast({self.batches} as bigint) as sequence, timestamp '{RECEIVED_ON} 08:00:00' as received_at,
            cast({f"'{corrects}'" if corrects else "null"} as varchar) as corrects,
            cast(null as varchar) as reason, cast({delivered} as bigint) as rows_read, cast({delivered} as bigint) as rows_typed,
            cast(0 as bigint) as rows_unreadable, cast(0 as bigint) as rows_skipped, '{columns}' as columns_delivered,
            '' as columns_set, cast(0 as bigint) as columns_unknown, '{{}}' as repairs, cast(null as varchar) as provinces,
            cast(null as varchar) as first_month, cast(null as varchar) as last_month {rows}""",
            folder / "batch.parquet",
        )
        self.copy(
            "select cast(null as varchar) as src_batch_id, cast(null as bigint) as src_row_no, cast(null as varchar) as column_name, cast(null as varchar) as reason limit 0",
            folder / "unreadable.parquet",
        )
        self.copy(
            f"select '{batch}' as batch_id, 'rows' as measure, cast({delivered} as decimal(28, 2)) as expected, cast({delivered} as decimal(28, 2)) as delivered {rows}",
            folder / "control.parquet",
        )
        dated = load_contracts()[record].dated_by
        self.copy(
            f"select '{batch}' as batch_id, try_cast(left(cast({dated} as varchar), 4) as integer) as year_no, count(*) as rows_counted from read_parquet('{folder}/rows.parquet') group by all {rows}",
            folder / "years.parquet",
        )

    def copy(self, select: str, path: Path) -> None:
        self.db.execute(f"copy ({select}) to '{path}' (format parquet, compression zstd)")


def shares(total: float, provinces: Collection[str]) -> dict[str, int]:
    """`total` spread over the provinces by residents; every province gets at least one."""
    residents = sum(RESIDENTS[province] for province in provinces)
    return {province: max(1, round(total * RESIDENTS[province] / residents)) for province in provinces}


def first_persons(rows: int, provinces: Collection[str]) -> dict[str, tuple[int, int]]:
    """Province → (number of its first person, how many persons): a third of `rows` spells in all."""
    first, ranges = 1_000_000, {}
    for province, count in shares(rows / 3 / SPELLS_PER_PERSON, provinces).items():
        ranges[province] = (first, count)
        first += count
    return ranges


def slices(total: int) -> list[tuple[int, int]]:
    """`total` rows as (first, count) pieces that fit into memory."""
    return [(first, min(MOST_ROWS_IN_MEMORY, total - first)) for first in range(0, total, MOST_ROWS_IN_MEMORY)]


def write_settlements(lake: Lake, rows: int, rare: float, provinces: Collection[str]) -> None:
    """One batch a province and year; of the first year of the smallest province a part was delivered before, which the whole corrects."""
    counties, persons = counties_by_province(lake.db), first_persons(rows, provinces)
    everywhere = [county for province in counties.values() for county in province]
    base_rows = shares(rows / SETTLEMENTS_PER_BASE_ROW / len(YEARS), provinces)
    negated = ", ".join(f"-refunded.{name} as {name}" for name in AMOUNTS if name not in ("fulamt_ownpay_amt", "inscp_amt"))
    smallest = min(provinces, key=RESIDENTS.get)
    if max(base_rows.values()) > IDS_A_YEAR:
        raise ValueError(f"at most {IDS_A_YEAR} rows a province and year")
    lake.db.execute("set variable all_counties = ?", [everywhere])
    for number, province in enumerate(counties):
        if province not in provinces:
            continue
        lake.db.execute("set variable counties = ?", [counties[province]])
        for year in YEARS:
            first_id = (number * 10 + year - YEARS.start + 1) * IDS_A_YEAR
            for first_row, count in slices(base_rows[province]):
                base = SETTLEMENT_BASE.format(
                    first_id=first_id, first_row=first_row, rows=count, first_person=persons[province][0], persons=persons[province][1], rare=rare,
                    year=year, seconds=365 * 86400,
                    prefix=f"S{province}{year}", has_rid=str(number % 3 == 0).lower(), person_columns=HASHED_PERSON.format(rare=rare),
                )  # fmt: skip
                lake.db.execute(f"create or replace temp table piece as {base}")
                if first_row == 0:
                    lake.db.execute("create or replace temp table base as from piece")
                    if year == YEARS.start:
                        lake.db.execute("create or replace temp table waiting as select *, 0 as batch_year from base limit 0")
                else:
                    lake.db.execute("insert into base by name from piece")
            lake.db.execute(SETTLEMENT_FOLLOWERS.format(negated=negated, year=year, last_year=YEARS[-1]))
            select = f"""
                select * from base
                union all by name
                select * exclude (batch_year) replace ({base_rows[province]} + 1 + row_number() over (order by setl_id, updt_time) as src_row_no)
                from waiting where batch_year = {year}
            """
            corrects = None
            if province == smallest and year == YEARS.start:
                corrects = lake.write("settlement", f"settlement-{province}-{year}-first", f"select * from base where src_row_no <= {FIRST_DELIVERY}")
            lake.write("settlement", f"settlement-{province}-{year}", select, corrects=corrects)
            lake.db.execute(f"delete from waiting where batch_year = {year}")


def write_enrollment(lake: Lake, rows: int, rare: float, provinces: Collection[str]) -> None:
    """One batch a province; 0.7 % of the persons are enrolled a second time there and 0.7 % in another of the provinces."""
    everywhere, persons = counties_by_province(lake.db), first_persons(rows, provinces)
    counties = {province: everywhere[province] for province in sorted(provinces)}
    first, last = persons[min(persons)][0], sum(persons[max(persons)]) - 1
    lake.db.execute(
        f"""create or replace temp table enrolled_elsewhere as
        select p, {list(counties)}[1 + cast(hash(p * 1000 + 68) % {len(counties)} as integer)] as province
        from (select range as p from range({first}, {last} + 1)) where draw(p, 67) < 7000 * {rare}"""
    )
    for number, province in enumerate(counties):
        lake.db.execute("set variable counties = ?", [counties[province]])
        for first_row, count in slices(persons[province][1]):
            spells = ENROLLMENT.format(
                first_person=persons[province][0], first_row=first_row, rows=count, rare=rare, province=province, prefix=f"E{province}", has_rid=str(number % 3 == 0).lower(),
            )  # fmt: skip
            if first_row == 0:
                lake.db.execute(f"create or replace temp table spells as {spells}")
            else:
                lake.db.execute(f"insert into spells by name {spells}")
        lake.write("enrollment", f"enrollment-{province}", "select *, rowid + 2 as src_row_no from spells")


def write_small_records(lake: Lake, rows: int, provinces: Collection[str]) -> None:
    """A monthly ledger of every province for the employee pool, the employee accounts and the resident pool; the population of every year."""
    persons = first_persons(rows, provinces)
    lake.db.execute("create or replace temp table provinces (code varchar, persons bigint)")
    lake.db.executemany("insert into provinces values (?, ?)", [[province, count] for province, (_, count) in persons.items()])
    lake.write(
        "fund_ledger",
        "fund-ledger",
        f"""
        with months as (select unnest(range({YEARS.start} * 12, {YEARS.stop} * 12)) as m),
        books as (select * from (values ('310', 'pool', 300), ('310', 'account', 100), ('390', 'pool', 80)) as book (scheme, part, per_head)),
        monthly as (
            select code, m, scheme, part,
                cast(persons * per_head + draw(m + persons, 80) as decimal(18, 2)) as income,
                cast(persons * per_head * 0.92 + draw(m + persons, 81) as decimal(18, 2)) as expenditure
            from provinces, months, books
        ),
        running as (
            select *, sum(income - expenditure) over (partition by code, scheme, part order by m) as balance from monthly
        ),
        items as (
            select code, m, scheme, part, 'I01' as item_code, income as amount from running
            union all
            select code, m, scheme, part, 'E01', expenditure from running
            union all
            select code, m, scheme, part, 'B01', balance - income + expenditure from running where m % 12 = 0
            union all
            select code, m, scheme, part, 'B03', balance from running where m % 12 = 11
        )
        select code as pool_region, cast(m // 12 as varchar) || lpad(cast(m % 12 + 1 as varchar), 2, '0') as ym, 'M' as basis,
            scheme, part, item_code, amount, '1' as agency_level, 'final' as version, '元' as unit,
            row_number() over (order by code, m, scheme, part, item_code) + 1 as src_row_no
        from items
        """,
    )
    lake.write(
        "population",
        "population",
        f"""
        select code as region_code, cast(year as varchar) as year, persons * 1.05 as resident_population, persons as eligible_population,
            '合成样例' as source, row_number() over (order by code, year) + 1 as src_row_no
        from provinces, (select unnest(range({YEARS.start}, {YEARS.stop})) as year)
        """,
    )


def generate(root: Path, rows: int, rare: float = 1, provinces: Collection[str] = tuple(RESIDENTS)) -> dict[str, int]:
    """Writes `root`/lake with about `rows` settlements of persons insured in `provinces`; `rare` multiplies the shares of everything
    unusual. Returns rows written by record."""
    lake = Lake(root)
    for record in record_names():
        lake.empty(record)
    write_settlements(lake, rows, rare, provinces)
    write_enrollment(lake, rows, rare, provinces)
    write_small_records(lake, rows, provinces)
    return {record: lake.db.execute(f"select count(*) from read_parquet('{lake.root}/{record}/*/rows.parquet')").fetchone()[0] for record in record_names()}


def generate_csv(folder: Path, rows: int) -> Path:
    """Writes `folder`/settlement.csv: `rows` raw settlements with readable (synthetic) person and certificate numbers. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    db = connect(folder.parent / "spill")
    counties = counties_by_province(db)
    everywhere = [county for province in counties.values() for county in province]
    db.execute("set variable all_counties = ?", [everywhere])
    db.execute("set variable counties = ?", [everywhere])
    columns = [name for name, _, _ in contract("settlement") if name not in ("certno_check", "weight")]
    db.execute(f"drop table numbers; create table numbers as select range as i from range({rows})")
    base = SETTLEMENT_BASE.format(
        first_id=7_000_000_000_000, first_row=0, rows=rows, first_person=1_000_000, persons=max(1, rows // 4), rare=1, year=2024,
        seconds=366 * 86400, prefix="S3700002024", has_rid="false", person_columns=RAW_PERSON,
    )  # fmt: skip
    path = folder / "settlement.csv"
    db.execute(f"copy (select {', '.join(columns)} from ({base})) to '{path}' (format csv, header true)")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder below which `lake` (or settlement.csv) is written")
    parser.add_argument("--rows", type=int, help="settlement rows of the lake")
    parser.add_argument("--provinces", nargs="+", choices=list(RESIDENTS), default=list(RESIDENTS), metavar="CODE", help="provinces that deliver; default: all")
    parser.add_argument("--rare", type=float, default=1, help="multiplies the shares of refunds, faults and repeated enrolments")
    parser.add_argument("--csv-rows", type=int, help="settlement rows of a CSV file instead")
    arguments = parser.parse_args()
    started = time.monotonic()
    if arguments.csv_rows:
        path = generate_csv(arguments.out, arguments.csv_rows)
        print(f"{path}: {arguments.csv_rows} rows, {path.stat().st_size / 1e9:.2f} GB, {time.monotonic() - started:.0f} s")
    if arguments.rows:
        print(json.dumps(generate(arguments.out, arguments.rows, arguments.rare, arguments.provinces)), f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
