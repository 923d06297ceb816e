-- Settlements: cells of the nation, rows drawn over provinces, one small row per cell that makes the weighted totals exact,
-- then splits (interim, second reimbursement) and what is planted.
INSERT INTO particular VALUES ('settlement', 35, 'total_row'), ('settlement', 51, 'total_row'), ('settlement', 31, 'control'), ('settlement', 44, 'control_wrong');
INSERT INTO left_out SELECT 'settlement', 'chinese', unnest(['rid', 'clr_type', 'clr_way', 'dise_no']) UNION ALL SELECT 'settlement', 'interface', 'rid';
SET VARIABLE unit_many = CASE WHEN getvariable('scale') > 1000 THEN getvariable('scale') * 20 ELSE getvariable('scale') END;
SET VARIABLE unit_few = CASE WHEN getvariable('scale') > 1000 THEN getvariable('scale') * 3 // 2 ELSE getvariable('scale') END;

-- ---------------------------------------------------------------- cells: the margins by status, level and place of care, crossed
CREATE TABLE setl_cell AS
WITH t AS (SELECT * FROM target WHERE year BETWEEN getvariable('first_year') AND getvariable('last_year')),
tot AS (
    SELECT year, scheme, care, max(CASE measure WHEN 'visits' THEN value END)::DOUBLE AS v, max(CASE measure WHEN 'cost' THEN value END)::DOUBLE AS c
    FROM t WHERE measure IN ('visits', 'cost') AND scheme <> '' AND status = '' AND level = '' AND scope = '' GROUP BY ALL
), st AS (
    SELECT year, scheme, care, status, max(CASE measure WHEN 'visits' THEN value END)::DOUBLE AS v, max(CASE measure WHEN 'cost' THEN value END)::DOUBLE AS c
    FROM t WHERE status <> '' AND care <> '' GROUP BY ALL
), sc AS (
    SELECT year, scheme, care, scope, max(CASE measure WHEN 'visits' THEN value END)::DOUBLE AS v, max(CASE measure WHEN 'cost' THEN value END)::DOUBLE AS c
    FROM t WHERE scope <> '' GROUP BY ALL
), scopes AS (
    SELECT * FROM sc
    UNION ALL
    SELECT tot.year, tot.scheme, tot.care, 'local', tot.v - coalesce(sum(sc.v), 0), tot.c - coalesce(sum(sc.c), 0)
    FROM tot LEFT JOIN sc USING (year, scheme, care) GROUP BY tot.year, tot.scheme, tot.care, tot.v, tot.c
), lv AS (  -- care without levels in the targets has one line with level ''
    SELECT year, scheme, care, level, max(CASE measure WHEN 'visits' THEN value END)::DOUBLE AS v, max(CASE measure WHEN 'cost' THEN value END)::DOUBLE AS c,
           max(CASE measure WHEN 'bed_days' THEN value END)::DOUBLE AS d, max(CASE measure WHEN 'catalogue_cost' THEN value END)::DOUBLE AS cat,
           max(CASE measure WHEN 'policy_cost' THEN value END)::DOUBLE AS scp, max(CASE measure WHEN 'fund_pay' THEN value END)::DOUBLE AS fp
    FROM t WHERE scheme <> '' AND care <> '' AND status = '' AND scope = '' AND measure IN ('visits', 'cost', 'bed_days', 'catalogue_cost', 'policy_cost', 'fund_pay')
      AND (care = 'inpatient') = (level <> '') GROUP BY ALL
), crossed AS (
    SELECT tot.year, tot.scheme, tot.care, st.status, lv.level, k.scope,
           lv.v * (st.v / tot.v) * (k.v / tot.v) AS v, lv.c * (st.c / tot.c) * (k.c / tot.c) AS c, coalesce(lv.d / lv.v, 0) AS los,
           1 - lv.cat / lv.c AS own, lv.scp / lv.c AS scope_share, lv.fp / lv.scp AS paid
    FROM tot JOIN st USING (year, scheme, care) JOIN lv USING (year, scheme, care) JOIN scopes AS k USING (year, scheme, care)
    UNION ALL
    SELECT year, 'employee', 'maternity', 'in_service', '', 'local', max(CASE measure WHEN 'maternity_visits' THEN value END)::DOUBLE,
           max(CASE measure WHEN 'maternity_cost' THEN value END)::DOUBLE, 0, 0.05, 0.92,
           max(CASE measure WHEN 'maternity_fund_pay' THEN value END)::DOUBLE / (0.92 * max(CASE measure WHEN 'maternity_cost' THEN value END)::DOUBLE)
    FROM t WHERE measure LIKE 'maternity_%' AND care = 'maternity' GROUP BY year
), sized AS (
    SELECT *, greatest(2, round(v / CASE WHEN care = 'inpatient' OR scope <> 'local' OR care = 'maternity' THEN getvariable('unit_few') ELSE getvariable('unit_many') END))::BIGINT AS n
    FROM crossed WHERE v > 0
), numbered AS (
    SELECT (row_number() OVER (ORDER BY year, scheme, care, status, level, scope))::BIGINT AS cell, *,
           greatest(0.05, 0.003 * sqrt(n)) AS small  -- weight of the correcting row, in ordinary rows: small, but not so small that rounding moves its mean cost
    FROM sized
)
SELECT *, six_places(v / (n + small)) AS w, (v::DECIMAL(20, 6) - n * six_places(v / (n + small)))::DECIMAL(18, 6) AS w_small FROM numbered;

-- where the insured of a scheme live, as steps of 0..1; care elsewhere in the province needs a province of several prefectures
CREATE TABLE setl_province AS
WITH s AS (
    SELECT pp, scheme, in_province, cost_factor, CASE scheme WHEN 'employee' THEN employee_share ELSE resident_share END * (0.9 + 0.2 * u(pp, 40)) AS raw
    FROM province_share, (VALUES ('employee'), ('resident')) AS a(scheme), (VALUES (true), (false)) AS b(in_province)
    WHERE NOT in_province OR pp NOT IN (11, 12, 31, 50)
), c AS (SELECT *, sum(raw) OVER (PARTITION BY scheme, in_province ORDER BY pp) AS upto, sum(raw) OVER (PARTITION BY scheme, in_province) AS whole FROM s)
SELECT pp, scheme, in_province, cost_factor, (upto - raw) / whole AS lo, CASE WHEN upto = whole THEN 1.0 ELSE upto / whole END AS hi FROM c ORDER BY scheme, in_province, pp;

-- where care away is sought: big places draw more
CREATE TABLE destination AS
WITH s AS (
    SELECT l.code, l.pp, l.share * p.people_share * p.cost_factor * p.cost_factor * CASE WHEN l.pp IN (11, 31) THEN 4 WHEN l.pp IN (32, 33, 44) THEN 1.6 ELSE 1 END AS raw
    FROM place AS l JOIN province_share AS p USING (pp) WHERE l.destination
), c AS (SELECT *, sum(raw) OVER (ORDER BY code) AS upto, sum(raw) OVER () AS whole FROM s)
SELECT code, pp, (row_number() OVER (ORDER BY code))::INTEGER - 1 AS ord, (upto - raw) / whole AS lo, CASE WHEN upto = whole THEN 1.0 ELSE upto / whole END AS hi FROM c;
CREATE TABLE other_place AS  -- the other destinations of the province, by number
SELECT a.code, list(b.code ORDER BY b.code) AS others FROM place AS a JOIN place AS b ON b.pp = a.pp AND b.destination AND left(b.code, 4) <> left(a.code, 4)
WHERE a.has_other GROUP BY a.code;
CREATE TABLE other_province AS  -- all destinations outside the province
SELECT p.pp, list(d.code ORDER BY d.code) AS others FROM province_share AS p JOIN destination AS d ON d.pp <> p.pp GROUP BY p.pp;

-- ---------------------------------------------------------------- rows (j = n is the correcting row, always in Guangdong)
CREATE TABLE setl_row AS
WITH rows AS (SELECT c.*, unnest(range(c.n + 1)) AS j FROM setl_cell AS c),
keyed AS (SELECT *, cell * 10000000000 + j AS rkey FROM rows),
provinced AS (
    SELECT k.*, p.pp, p.cost_factor FROM keyed AS k JOIN setl_province AS p ON p.scheme = k.scheme AND p.in_province = (k.scope = 'in_province')
     AND CASE WHEN k.j = k.n THEN p.pp = 44 ELSE (k.j + u(k.cell, 41)) / k.n >= p.lo AND (k.j + u(k.cell, 41)) / k.n < p.hi END
), personed AS (
    SELECT r.*, q.lo + pick(u(r.rkey, 42), q.hi - q.lo) AS slot FROM provinced AS r JOIN class_slots AS q ON q.pp = r.pp AND q.status = r.status
)
SELECT r.*, s.pkey, s.psn_no, s.certno, s.region, s.psn_type, s.gend FROM personed AS r JOIN spell AS s ON s.year = 0 AND s.pp = r.pp AND s.slot = r.slot;

-- costs: the row's fee around the cell's mean, then the correcting row takes the remainder to the cent
CREATE TABLE setl_fee AS
WITH raw AS (
    SELECT cell, rkey, j, n, w, c * ((n * w::DOUBLE) / v) AS whole,
           ((CASE care WHEN 'inpatient' THEN 0.35 + 1.3 * u(rkey, 43) ELSE 0.25 + 1.5 * u(rkey, 43) END) * cost_factor)::DECIMAL(12, 6) AS g,
           (0.5 + golden(j, u(cell, 44)))::DECIMAL(12, 6) AS s,
           (0.9 + 0.2 * u(pp, 45))::DECIMAL(12, 6) AS a, (0.96 + 0.08 * u(pp, 46))::DECIMAL(12, 6) AS b, los, own, scope_share, paid
    FROM setl_row WHERE j < n
), fee AS (
    SELECT *, greatest(0.5, g::DOUBLE * (whole / w::DOUBLE) / (sum(g) OVER (PARTITION BY cell))::DOUBLE)::DECIMAL(16, 2) AS medfee,
           floor(s::DOUBLE * los * n * 1000000 / (sum(s) OVER (PARTITION BY cell))::DOUBLE)::BIGINT AS micro
    FROM raw
), sums AS (SELECT cell, sum(medfee::DECIMAL(24, 2) * a) AS ma, sum(medfee) AS m, sum(medfee::DECIMAL(24, 2) * b) AS mb FROM fee GROUP BY cell),
days AS (SELECT cell, rkey, sum(micro) OVER (PARTITION BY cell ORDER BY j ROWS UNBOUNDED PRECEDING) AS upto, micro FROM fee)
SELECT f.cell, f.rkey, f.medfee, (f.medfee::DOUBLE * f.own * f.a::DOUBLE * (m::DOUBLE / ma::DOUBLE))::DECIMAL(16, 2) AS own,
       (f.medfee::DOUBLE * f.scope_share)::DECIMAL(16, 2) AS inscp,
       (f.medfee::DOUBLE * f.scope_share * f.paid * f.b::DOUBLE * (m::DOUBLE / mb::DOUBLE))::DECIMAL(16, 2) AS fund,
       (d.upto // 1000000 - (d.upto - d.micro) // 1000000)::INTEGER AS days
FROM fee AS f JOIN sums USING (cell) JOIN days AS d ON d.rkey = f.rkey;

INSERT INTO setl_fee
SELECT c.cell, c.cell * 10000000000 + c.n, ((c.c::DECIMAL(24, 2) - s.medfee) / c.w_small)::DECIMAL(16, 2), ((c.c * c.own - s.own::DOUBLE) / c.w_small)::DECIMAL(16, 2),
       ((c.c * c.scope_share - s.inscp::DOUBLE) / c.w_small)::DECIMAL(16, 2), greatest(0, ((c.c * c.scope_share * c.paid - s.fund::DOUBLE) / c.w_small))::DECIMAL(16, 2),
       CASE WHEN c.los = 0 THEN 0 ELSE greatest(1, round((c.v * c.los - s.days::DOUBLE) / c.w_small)) END::INTEGER
FROM setl_cell AS c
JOIN (SELECT f.cell, sum(f.medfee * x.w::DECIMAL(20, 6)) AS medfee, sum(f.own * x.w::DECIMAL(20, 6)) AS own, sum(f.inscp * x.w::DECIMAL(20, 6)) AS inscp, sum(f.fund * x.w::DECIMAL(20, 6)) AS fund, sum(f.days * x.w::DECIMAL(20, 6)) AS days
      FROM setl_fee AS f JOIN setl_cell AS x USING (cell) GROUP BY f.cell) AS s USING (cell);

-- ---------------------------------------------------------------- the records
CREATE TABLE setl AS
WITH dated AS (
    SELECT r.*, f.medfee, f.own AS own_amt, f.inscp, f.fund, f.days, CASE WHEN r.j = r.n THEN r.w_small ELSE r.w END AS weight,
           make_date(r.year, 1, 1) + pick(u(r.rkey, 50), 365) AS day, u(r.rkey, 51) AS a, u(r.rkey, 52) AS b, u(r.rkey, 53) AS e
    FROM setl_row AS r JOIN setl_fee AS f ON f.rkey = r.rkey
), placed AS (
    SELECT d.*, CASE d.scope WHEN 'local' THEN d.region WHEN 'in_province' THEN o.others[1 + pick(d.a, len(o.others))] ELSE
                CASE WHEN t.pp = d.pp THEN x.others[1 + pick(d.b, len(x.others))] ELSE t.code END END AS fix
    FROM dated AS d LEFT JOIN other_place AS o ON d.scope = 'in_province' AND o.code = d.region
    LEFT JOIN other_province AS x ON d.scope = 'cross_province' AND x.pp = d.pp
    LEFT JOIN destination AS t ON d.scope = 'cross_province' AND d.a >= t.lo AND d.a < t.hi
), coded AS (
    SELECT *, CASE care WHEN 'outpatient_emergency' THEN CASE WHEN e < 0.9 THEN '11' ELSE '13' END
                        WHEN 'outpatient_chronic' THEN CASE WHEN e < 0.99 THEN '14' WHEN e < 0.995 THEN '140104' ELSE '140201' END
                        WHEN 'pharmacy' THEN '41' WHEN 'maternity' THEN CASE WHEN e < 0.7 THEN '51' WHEN e < 0.95 THEN '52' ELSE '53' END
                        ELSE CASE WHEN e < 0.93 THEN '21' WHEN e < 0.95 THEN '22' WHEN e < 0.97 THEN '24' WHEN e < 0.98 THEN '92' WHEN e < 0.99 THEN '210104' WHEN e < 0.995 THEN '2101' ELSE '2114' END END AS med_type,
           CASE WHEN care = 'pharmacy' THEN NULL
                WHEN level = 'tertiary' OR (level = '' AND b < 0.45) THEN CASE WHEN e < 0.7 THEN '02' WHEN e < 0.95 THEN '03' ELSE '12' END
                WHEN level = 'secondary' OR (level = '' AND b < 0.75) THEN CASE WHEN e < 0.7 THEN '05' ELSE '06' END
                WHEN e < 0.3 THEN '08' WHEN e < 0.5 THEN '14' WHEN e < 0.9 THEN '11' END AS hosp_lv,
           CASE WHEN care = 'inpatient' AND u(rkey, 54) < 0.01 THEN least(30, (medfee - fund) * 0.01)::DECIMAL(16, 2) ELSE 0 END AS hosp_part
    FROM placed
), paid AS (
    SELECT *, (medfee - fund - hosp_part)::DECIMAL(16, 2) AS psn_pay, ((medfee - own_amt - inscp) * CASE WHEN u(rkey, 55) < 0.2 THEN 0.15 ELSE 0 END)::DECIMAL(16, 2) AS over
    FROM coded
), split AS (
    SELECT *, CASE scheme WHEN 'employee' THEN (psn_pay * CASE care WHEN 'pharmacy' THEN 0.92 WHEN 'inpatient' THEN 0.3 ELSE 0.6 END * (0.9 + 0.1 * u(rkey, 56)))::DECIMAL(16, 2) ELSE 0 END AS acct,
           CASE WHEN scheme = 'employee' AND care = 'inpatient' THEN (fund * 0.04)::DECIMAL(16, 2) ELSE 0 END AS hifob, CASE WHEN psn_type LIKE '__02' THEN (fund * 0.05)::DECIMAL(16, 2) ELSE 0 END AS cvl,
           CASE WHEN scheme = 'resident' AND care = 'inpatient' THEN (fund * 0.08)::DECIMAL(16, 2) ELSE 0 END AS hifmi, CASE WHEN scheme = 'resident' AND u(rkey, 57) < 0.12 THEN (fund * 0.1)::DECIMAL(16, 2) ELSE 0 END AS maf
    FROM paid
)
SELECT 'B' || rkey AS rk, rkey, pp, 0 AS phase, '' AS fault, care, scope, status, days, j = n AS correcting, weight AS w,
       'S' || rkey AS setl_id, NULL::VARCHAR AS init_setl_id, 'M' || rkey AS mdtrt_id, psn_no, CASE scheme WHEN 'employee' THEN '310' ELSE '390' END AS insutype, psn_type,
       region AS insu_admdvs, fix AS fix_blng_admdvs, day + to_seconds(28800 + pick(u(rkey, 58), 36000)) AS setl_time, med_type,
       medfee AS medfee_sumamt, fund AS fund_pay_sumamt, '0' AS refd_setl_flag, '0' AS mid_setl_flag, CASE WHEN u(rkey, 59) < 0.03 THEN '1' ELSE '2' END AS setl_type,
       '01' AS psn_cert_type, certno, CASE care WHEN 'pharmacy' THEN 'P' ELSE 'H' END || fix || lpad(pick(u(rkey, 60), 400)::VARCHAR, 5, '0') AS fixmedins_code, hosp_lv,
       (day::DATE - CASE care WHEN 'inpatient' THEN days ELSE 0 END)::DATE AS begndate, day::DATE AS enddate, CASE care WHEN 'inpatient' THEN days END AS ipt_days,
       own_amt AS fulamt_ownpay_amt, over AS overlmt_selfpay, (medfee - own_amt - inscp - over)::DECIMAL(16, 2) AS preselfpay_amt, inscp AS inscp_amt,
       CASE care WHEN 'inpatient' THEN least(500, psn_pay) ELSE 0 END::DECIMAL(16, 2) AS act_pay_dedc,
       (fund - hifob - cvl - hifmi - maf)::DECIMAL(16, 2) AS hifp_pay, cvl::DECIMAL(16, 2) AS cvlserv_pay, 0::DECIMAL(16, 2) AS hifes_pay, hifmi::DECIMAL(16, 2) AS hifmi_pay,
       hifob::DECIMAL(16, 2) AS hifob_pay, 0::DECIMAL(16, 2) AS hifdm_pay, maf::DECIMAL(16, 2) AS maf_pay, 0::DECIMAL(16, 2) AS othfund_pay,
       psn_pay, acct::DECIMAL(16, 2) AS acct_pay, (psn_pay - acct)::DECIMAL(16, 2) AS cash_payamt, hosp_part::DECIMAL(16, 2) AS ownpay_hosp_part,
       CASE WHEN acct > 0 AND u(rkey, 61) < 0.05 THEN (acct * 0.5)::DECIMAL(16, 2) ELSE 0::DECIMAL(16, 2) END AS acct_mulaid_pay,
       CASE scope WHEN 'cross_province' THEN '4' WHEN 'in_province' THEN '3' ELSE '2' END AS pay_loc, CASE care WHEN 'inpatient' THEN '21' WHEN 'pharmacy' THEN '41' ELSE '11' END AS clr_type,
       CASE care WHEN 'inpatient' THEN CASE WHEN a < 0.5 THEN '30' ELSE '40' END ELSE '10' END AS clr_way, CASE WHEN b < 0.5 THEN '01' WHEN b < 0.8 THEN '03' ELSE '02' END AS mdtrt_cert_type,
       CASE WHEN care = 'outpatient_chronic' THEN 'M0' || (1000 + pick(e, 60))::VARCHAR END AS dise_no, NULL::VARCHAR AS manl_reim_rea, year::VARCHAR AS year, '1' AS vali_flag,
       'T' || rkey AS rid, day + to_hours(30) AS updt_time, weight::VARCHAR AS weight
FROM split;

DROP TABLE setl_row;
DROP TABLE setl_fee;

-- ---------------------------------------------------------------- what is planted: lots drawn without overlap
-- faults that come as a further settlement and its refund, so that no count and no sum moves
CREATE TABLE setl_pair AS SELECT unnest(['refund_same_month', 'refund_later_month', 'refund_next_year', 'refund_of_a_stay', 'second_refund', 'unknown_med_type', 'stay_over_365_days']) AS fault;

CREATE TABLE setl_plan AS
SELECT stream, fault, rule_code, level, expected, greatest(least, round(share * (SELECT count(*) FROM setl)))::BIGINT AS k
FROM (VALUES
    -- in place, neutral for every count and sum
    (1, 'interim_settlement', '', '', 'counted', 0.0025, 6), (1, 'second_reimbursement', '', '', 'counted', 0.0010, 4),
    (1, 'stay_over_365_days', 'SETL-021', 'warning', 'warning', 0.0001, 3), (1, 'settled_before_stay', 'SETL-021', 'warning', 'warning', 0.0001, 3),
    (2, 'fund_parts_differ', 'SETL-014', 'warning', 'warning', 0.0002, 3), (2, 'wrong_check_digit', 'SETL-020', 'warning', 'warning', 0.001, 3),
    (3, 'unknown_psn_type', 'SETL-004', 'warning', 'warning', 0.0001, 3), (4, 'unknown_hosp_lv', 'SETL-022', 'warning', 'warning', 0.0001, 3),
    (5, 'abolished_region', '', '', 'review', 0.003, 3),
    -- pairs of a further settlement and its refund
    (2, 'refund_same_month', '', '', 'netted', 0.005, 3), (2, 'refund_later_month', '', '', 'netted', 0.0015, 3), (6, 'refund_next_year', '', '', 'netted', 0.0008, 3),
    (1, 'refund_of_a_stay', '', '', 'netted', 0.001, 3), (2, 'second_refund', 'SETL-018', 'error', 'rejected', 0.0001, 3), (2, 'unknown_med_type', 'SETL-006', 'warning', 'warning', 0.001, 3),
    -- further rows that are rejected or do not count
    (2, 'refund_not_equal', 'SETL-017', 'error', 'rejected', 0.0002, 3), (2, 'refund_without_original', 'SETL-016', 'error', 'rejected', 0.0002, 3),
    (2, 'key_missing', 'SETL-001', 'error', 'rejected', 0.00005, 3), (2, 'insutype_missing', 'SETL-002', 'error', 'rejected', 0.00005, 3), (2, 'insutype_unknown', 'SETL-002', 'error', 'rejected', 0.00005, 3),
    (2, 'med_type_missing', 'SETL-003', 'error', 'rejected', 0.00005, 3), (2, 'med_type_malformed', 'SETL-003', 'error', 'rejected', 0.00005, 3),
    (2, 'insured_region_unknown', 'SETL-005', 'error', 'rejected', 0.00005, 3), (2, 'insured_region_missing', 'SETL-005', 'error', 'rejected', 0.00005, 3),
    (2, 'treatment_region_unknown', 'SETL-007', 'error', 'rejected', 0.00005, 3), (2, 'time_missing', 'SETL-009', 'error', 'rejected', 0.00005, 3), (2, 'time_before_2000', 'SETL-009', 'error', 'rejected', 0.00005, 3),
    (1, 'end_before_begin', 'SETL-010', 'error', 'rejected', 0.0001, 3), (2, 'cost_parts_differ', 'SETL-011', 'error', 'rejected', 0.0001, 3),
    (2, 'payers_differ', 'SETL-012', 'error', 'rejected', 0.0001, 3), (2, 'personal_parts_differ', 'SETL-013', 'error', 'rejected', 0.0001, 3),
    (2, 'negative_without_flag', 'SETL-015', 'error', 'rejected', 0.0001, 3), (2, 'older_version', 'SETL-019', 'error', 'rejected', 0.0005, 3),
    (2, 'cost_missing', 'SETL-023', 'error', 'rejected', 0.00005, 3), (2, 'no_person', 'SETL-024', 'error', 'rejected', 0.00005, 3),
    (2, 'time_after_delivery', 'SETL-025', 'error', 'rejected', 0.00005, 3), (2, 'valid_flag_unknown', 'SETL-026', 'error', 'rejected', 0.00005, 3),
    (2, 'refund_flag_unknown', 'SETL-027', 'error', 'rejected', 0.00005, 3), (2, 'interim_flag_unknown', 'SETL-028', 'error', 'rejected', 0.00005, 3),
    (2, 'settlement_type_unknown', 'SETL-029', 'error', 'rejected', 0.00005, 3), (2, 'weight_of_zero', 'SETL-030', 'error', 'rejected', 0.00005, 3),
    (2, 'not_valid', '', '', 'not_counted', 0.0005, 3), (7, 'impossible_date', '', '', 'unreadable', 0.00005, 3), (7, 'text_in_amount', '', '', 'unreadable', 0.00005, 3)
) AS t(stream, fault, rule_code, level, expected, share, least);

CREATE TABLE setl_used AS
WITH candidate AS (
    SELECT rk, substr(rk, 2)::BIGINT AS rkey,
           CASE WHEN care = 'maternity' THEN 3 WHEN care = 'pharmacy' THEN CASE WHEN u(rkey, 902) < 0.3 THEN 4 ELSE 2 END
                WHEN scope = 'local' AND insu_admdvs IN ('520500', '520600', '650400', '650500') THEN 5
                WHEN care = 'inpatient' THEN CASE WHEN month(setl_time) BETWEEN 3 AND 10 AND days BETWEEN 6 AND 60 THEN 1 ELSE 0 END
                WHEN year(setl_time) < getvariable('last_year') AND month(setl_time) = 12 THEN 6
                WHEN month(setl_time) > 10 THEN 0
                WHEN pp IN (SELECT pp FROM text_province WHERE record = 'settlement') AND u(rkey, 903) < 0.1 THEN 7 ELSE 2 END AS stream
    FROM setl WHERE NOT correcting AND medfee_sumamt > 20
), ranked AS (SELECT rk, stream, row_number() OVER (PARTITION BY stream ORDER BY u(rkey, 900), rkey) AS r FROM candidate WHERE stream > 0 AND (stream > 2 OR u(rkey, 900) < 0.35)),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM setl_plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;

-- rows with a lot, taken out of the table and put back changed
CREATE TABLE setl_lot AS SELECT s.* REPLACE (d.fault AS fault) FROM setl AS s JOIN setl_used AS d USING (rk);
DELETE FROM setl WHERE rk IN (SELECT rk FROM setl_used WHERE fault IN ('interim_settlement', 'second_reimbursement', 'settled_before_stay', 'fund_parts_differ',
    'wrong_check_digit', 'unknown_psn_type', 'unknown_hosp_lv', 'abolished_region'));

INSERT INTO setl
SELECT * REPLACE (
    CASE fault WHEN 'settled_before_stay' THEN (setl_time::DATE + 3)::DATE ELSE begndate END AS begndate,
    CASE fault WHEN 'settled_before_stay' THEN (setl_time::DATE + 3 + days)::DATE ELSE enddate END AS enddate,
    CASE fault WHEN 'fund_parts_differ' THEN (hifp_pay + 1.5)::DECIMAL(16, 2) ELSE hifp_pay END AS hifp_pay,
    CASE fault WHEN 'wrong_check_digit' THEN left(certno, 17) || CASE right(certno, 1) WHEN '3' THEN '7' ELSE '3' END ELSE certno END AS certno,
    CASE fault WHEN 'unknown_psn_type' THEN 'Z9' ELSE psn_type END AS psn_type, CASE fault WHEN 'unknown_hosp_lv' THEN '77' ELSE hosp_lv END AS hosp_lv,
    CASE WHEN fault = 'abolished_region' THEN CASE insu_admdvs WHEN '520500' THEN '522400' WHEN '520600' THEN '522200' WHEN '650400' THEN '652100' ELSE '652200' END ELSE insu_admdvs END AS insu_admdvs,
    CASE WHEN fault = 'abolished_region' THEN CASE insu_admdvs WHEN '520500' THEN '522400' WHEN '520600' THEN '522200' WHEN '650400' THEN '652100' ELSE '652200' END ELSE fix_blng_admdvs END AS fix_blng_admdvs)
FROM setl_lot WHERE fault IN ('settled_before_stay', 'fund_parts_differ', 'wrong_check_digit', 'unknown_psn_type', 'unknown_hosp_lv', 'abolished_region');

-- one stay, two settlements: 40 % midway and the rest, or 90 % at discharge and a supplement by hand
CREATE TABLE setl_part AS
WITH q AS (SELECT *, CASE fault WHEN 'interim_settlement' THEN 0.4 ELSE 0.1 END AS q FROM setl_lot WHERE fault IN ('interim_settlement', 'second_reimbursement')),
cut AS (
    SELECT * REPLACE (
        (fulamt_ownpay_amt * q)::DECIMAL(16, 2) AS fulamt_ownpay_amt, (overlmt_selfpay * q)::DECIMAL(16, 2) AS overlmt_selfpay, (preselfpay_amt * q)::DECIMAL(16, 2) AS preselfpay_amt,
        (inscp_amt * q)::DECIMAL(16, 2) AS inscp_amt, (hifp_pay * q)::DECIMAL(16, 2) AS hifp_pay, (cvlserv_pay * q)::DECIMAL(16, 2) AS cvlserv_pay, (hifmi_pay * q)::DECIMAL(16, 2) AS hifmi_pay,
        (hifob_pay * q)::DECIMAL(16, 2) AS hifob_pay, (maf_pay * q)::DECIMAL(16, 2) AS maf_pay, (ownpay_hosp_part * q)::DECIMAL(16, 2) AS ownpay_hosp_part, (acct_pay * q)::DECIMAL(16, 2) AS acct_pay,
        (acct_mulaid_pay * q)::DECIMAL(16, 2) AS acct_mulaid_pay)
    FROM q
)
SELECT * EXCLUDE (q) REPLACE (
    'P' || substr(rk, 2) AS rk, 'P' || substr(setl_id, 2) AS setl_id, 'P' || rid AS rid,
    fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt AS medfee_sumamt, hifp_pay + cvlserv_pay + hifmi_pay + hifob_pay + maf_pay AS fund_pay_sumamt,
    fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt - (hifp_pay + cvlserv_pay + hifmi_pay + hifob_pay + maf_pay) - ownpay_hosp_part AS psn_pay,
    fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt - (hifp_pay + cvlserv_pay + hifmi_pay + hifob_pay + maf_pay) - ownpay_hosp_part - acct_pay AS cash_payamt,
    CASE fault WHEN 'interim_settlement' THEN '1' ELSE '0' END AS mid_setl_flag, CASE fault WHEN 'interim_settlement' THEN setl_type ELSE '3' END AS setl_type,
    CASE fault WHEN 'interim_settlement' THEN days * 2 // 5 ELSE 0 END AS ipt_days, CASE fault WHEN 'interim_settlement' THEN pay_loc ELSE '1' END AS pay_loc,
    CASE fault WHEN 'interim_settlement' THEN NULL ELSE '08' END AS manl_reim_rea,
    CASE fault WHEN 'interim_settlement' THEN setl_time - to_days((days * 3 // 5)::INTEGER) ELSE setl_time + to_days(35) END AS setl_time,
    CASE fault WHEN 'interim_settlement' THEN (enddate - (days * 3 // 5))::DATE ELSE enddate END AS enddate,
    least(act_pay_dedc, 0)::DECIMAL(16, 2) AS act_pay_dedc)
FROM cut;
INSERT INTO setl SELECT * FROM setl_part;
INSERT INTO setl
SELECT l.* REPLACE (
    l.medfee_sumamt - p.medfee_sumamt AS medfee_sumamt, l.fund_pay_sumamt - p.fund_pay_sumamt AS fund_pay_sumamt, l.fulamt_ownpay_amt - p.fulamt_ownpay_amt AS fulamt_ownpay_amt,
    l.overlmt_selfpay - p.overlmt_selfpay AS overlmt_selfpay, l.preselfpay_amt - p.preselfpay_amt AS preselfpay_amt, l.inscp_amt - p.inscp_amt AS inscp_amt, l.hifp_pay - p.hifp_pay AS hifp_pay,
    l.cvlserv_pay - p.cvlserv_pay AS cvlserv_pay, l.hifmi_pay - p.hifmi_pay AS hifmi_pay, l.hifob_pay - p.hifob_pay AS hifob_pay, l.maf_pay - p.maf_pay AS maf_pay, l.psn_pay - p.psn_pay AS psn_pay,
    l.acct_pay - p.acct_pay AS acct_pay, l.cash_payamt - p.cash_payamt AS cash_payamt, l.ownpay_hosp_part - p.ownpay_hosp_part AS ownpay_hosp_part, l.acct_mulaid_pay - p.acct_mulaid_pay AS acct_mulaid_pay,
    l.days - p.ipt_days AS ipt_days, '' AS fault)
FROM setl_lot AS l JOIN setl_part AS p ON p.rkey = l.rkey;

-- further settlements with their refunds: both leave every count and sum
INSERT INTO setl
SELECT * REPLACE ('N' || substr(rk, 2) AS rk, 'N' || substr(setl_id, 2) AS setl_id, 'N' || substr(mdtrt_id, 2) AS mdtrt_id, 'N' || rid AS rid,
    CASE fault WHEN 'unknown_med_type' THEN '9977' ELSE med_type END AS med_type,
    CASE fault WHEN 'stay_over_365_days' THEN (begndate - 400)::DATE ELSE begndate END AS begndate, CASE fault WHEN 'stay_over_365_days' THEN days + 400 ELSE ipt_days END AS ipt_days)
FROM setl_lot WHERE fault IN (SELECT fault FROM setl_pair);

CREATE TABLE setl_minus AS
SELECT * REPLACE ('1' AS refd_setl_flag, -medfee_sumamt AS medfee_sumamt, -fund_pay_sumamt AS fund_pay_sumamt, -fulamt_ownpay_amt AS fulamt_ownpay_amt, -overlmt_selfpay AS overlmt_selfpay,
    -preselfpay_amt AS preselfpay_amt, -inscp_amt AS inscp_amt, -act_pay_dedc AS act_pay_dedc, -hifp_pay AS hifp_pay, -cvlserv_pay AS cvlserv_pay, -hifmi_pay AS hifmi_pay, -hifob_pay AS hifob_pay,
    -maf_pay AS maf_pay, -psn_pay AS psn_pay, -acct_pay AS acct_pay, -cash_payamt AS cash_payamt, -ownpay_hosp_part AS ownpay_hosp_part, -acct_mulaid_pay AS acct_mulaid_pay,
    CASE WHEN ipt_days IS NULL THEN NULL ELSE 0 END AS ipt_days)
FROM setl_lot WHERE fault IN (SELECT fault FROM setl_pair) OR fault IN ('refund_not_equal', 'refund_without_original', 'negative_without_flag');

CREATE MACRO refund_time(fault, t) AS CASE fault WHEN 'refund_later_month' THEN t + INTERVAL 40 DAY WHEN 'refund_next_year' THEN t + INTERVAL 45 DAY WHEN 'second_refund' THEN t + INTERVAL 1 DAY ELSE t + INTERVAL 2 HOUR END;
INSERT INTO setl
SELECT * REPLACE ('F' || substr(rk, 2) AS rk, 'F' || substr(setl_id, 2) AS setl_id, 'N' || substr(setl_id, 2) AS init_setl_id, 'N' || substr(mdtrt_id, 2) AS mdtrt_id, 'F' || rid AS rid,
    CASE fault WHEN 'unknown_med_type' THEN '9977' ELSE med_type END AS med_type, refund_time(fault, setl_time) AS setl_time, refund_time(fault, updt_time) AS updt_time)
FROM setl_minus WHERE fault IN (SELECT fault FROM setl_pair);
INSERT INTO setl
SELECT * REPLACE ('G' || substr(rk, 2) AS rk, 'G' || substr(setl_id, 2) AS setl_id, 'N' || substr(setl_id, 2) AS init_setl_id, 'N' || substr(mdtrt_id, 2) AS mdtrt_id, 'G' || rid AS rid,
    setl_time + INTERVAL 3 DAY AS setl_time, updt_time + INTERVAL 3 DAY AS updt_time)
FROM setl_minus WHERE fault = 'second_refund';

-- refunds and rows that are rejected, and rows that never count: copies of a good row with one thing wrong
INSERT INTO setl
SELECT * REPLACE ('D' || substr(rk, 2) AS rk, 'D' || substr(setl_id, 2) AS setl_id, 'D' || rid AS rid,
    CASE fault WHEN 'refund_not_equal' THEN setl_id WHEN 'refund_without_original' THEN 'S0' || substr(setl_id, 2) END AS init_setl_id,
    CASE fault WHEN 'refund_not_equal' THEN mdtrt_id ELSE 'D' || substr(mdtrt_id, 2) END AS mdtrt_id,
    CASE fault WHEN 'negative_without_flag' THEN '0' ELSE refd_setl_flag END AS refd_setl_flag,
    -- not equal: 5 yuan too much, in the total, the in-scope part, the person's part and the cash, so that every row identity holds
    medfee_sumamt - CASE fault WHEN 'refund_not_equal' THEN 5 ELSE 0 END AS medfee_sumamt, inscp_amt - CASE fault WHEN 'refund_not_equal' THEN 5 ELSE 0 END AS inscp_amt,
    psn_pay - CASE fault WHEN 'refund_not_equal' THEN 5 ELSE 0 END AS psn_pay, cash_payamt - CASE fault WHEN 'refund_not_equal' THEN 5 ELSE 0 END AS cash_payamt,
    setl_time + INTERVAL 1 HOUR AS setl_time)
FROM setl_minus WHERE fault IN ('refund_not_equal', 'refund_without_original', 'negative_without_flag');
INSERT INTO setl
SELECT * REPLACE ('D' || substr(rk, 2) AS rk,
    CASE fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN setl_id ELSE 'D' || substr(setl_id, 2) END AS setl_id,
    CASE fault WHEN 'older_version' THEN mdtrt_id ELSE 'D' || substr(mdtrt_id, 2) END AS mdtrt_id,
    CASE fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN rid ELSE 'D' || rid END AS rid,
    CASE fault WHEN 'older_version' THEN updt_time - INTERVAL 20 HOUR ELSE updt_time END AS updt_time,
    CASE fault WHEN 'no_person' THEN NULL ELSE psn_no END AS psn_no, CASE fault WHEN 'no_person' THEN NULL ELSE certno END AS certno,
    CASE fault WHEN 'insutype_missing' THEN NULL WHEN 'insutype_unknown' THEN '888' ELSE insutype END AS insutype,
    CASE fault WHEN 'med_type_missing' THEN NULL WHEN 'med_type_malformed' THEN 'A1' ELSE med_type END AS med_type,
    CASE fault WHEN 'insured_region_unknown' THEN '990100' WHEN 'insured_region_missing' THEN NULL ELSE insu_admdvs END AS insu_admdvs,
    CASE fault WHEN 'treatment_region_unknown' THEN '990100' ELSE fix_blng_admdvs END AS fix_blng_admdvs,
    CASE fault WHEN 'time_missing' THEN NULL WHEN 'time_before_2000' THEN TIMESTAMP '1999-05-01 10:00:00' WHEN 'time_after_delivery' THEN TIMESTAMP '2099-05-01 10:00:00' ELSE setl_time END AS setl_time,
    CASE fault WHEN 'time_before_2000' THEN DATE '1999-05-01' ELSE begndate END AS begndate,
    CASE fault WHEN 'time_before_2000' THEN DATE '1999-05-01' WHEN 'end_before_begin' THEN (begndate - 1)::DATE ELSE enddate END AS enddate,
    fulamt_ownpay_amt + CASE fault WHEN 'cost_parts_differ' THEN 1 ELSE 0 END AS fulamt_ownpay_amt,
    psn_pay + CASE fault WHEN 'payers_differ' THEN 1 ELSE 0 END AS psn_pay, cash_payamt + CASE WHEN fault IN ('payers_differ', 'personal_parts_differ') THEN 1 ELSE 0 END AS cash_payamt,
    CASE fault WHEN 'cost_missing' THEN NULL ELSE medfee_sumamt END AS medfee_sumamt, CASE fault WHEN 'not_valid' THEN '0' WHEN 'valid_flag_unknown' THEN '7' ELSE '1' END AS vali_flag,
    CASE fault WHEN 'refund_flag_unknown' THEN '7' ELSE refd_setl_flag END AS refd_setl_flag, CASE fault WHEN 'interim_flag_unknown' THEN '7' ELSE mid_setl_flag END AS mid_setl_flag,
    CASE fault WHEN 'settlement_type_unknown' THEN '7' ELSE setl_type END AS setl_type, CASE fault WHEN 'weight_of_zero' THEN '0' ELSE weight::VARCHAR END AS weight)
FROM setl_lot WHERE fault IN ('key_missing', 'insutype_missing', 'insutype_unknown', 'med_type_missing', 'med_type_malformed', 'insured_region_unknown', 'insured_region_missing',
    'treatment_region_unknown', 'time_missing', 'time_before_2000', 'end_before_begin', 'cost_parts_differ', 'payers_differ', 'personal_parts_differ', 'older_version', 'cost_missing',
    'no_person', 'not_valid', 'impossible_date', 'text_in_amount', 'time_after_delivery', 'valid_flag_unknown', 'refund_flag_unknown', 'interim_flag_unknown', 'settlement_type_unknown', 'weight_of_zero');

CREATE TABLE fault_settlement AS
WITH lot AS (SELECT substr(rk, 2) AS k, * EXCLUDE (rk) FROM setl_used),
pair AS (SELECT * FROM lot WHERE fault IN (SELECT fault FROM setl_pair))
SELECT 'B' || k AS rk, fault, rule_code, level, expected FROM lot
WHERE fault IN ('settled_before_stay', 'fund_parts_differ', 'wrong_check_digit', 'unknown_psn_type', 'unknown_hosp_lv', 'abolished_region')
UNION ALL SELECT 'P' || k, fault, '', '', 'counted' FROM lot WHERE fault IN ('interim_settlement', 'second_reimbursement')
UNION ALL SELECT 'N' || k, fault || '_original', '', '', 'netted' FROM pair
UNION ALL SELECT 'F' || k, fault || '_refund', '', '', 'netted' FROM pair
UNION ALL SELECT p || k, fault, rule_code, level, expected FROM pair, (VALUES ('N'), ('F')) AS t(p) WHERE fault = 'unknown_med_type' OR fault = 'stay_over_365_days' AND p = 'N'
UNION ALL SELECT 'G' || k, fault, rule_code, level, expected FROM lot WHERE fault = 'second_refund'
UNION ALL SELECT 'D' || k, fault, rule_code, level, expected FROM lot WHERE expected IN ('rejected', 'not_counted', 'unreadable') AND fault <> 'second_refund'
UNION ALL SELECT rk, 'local_med_type', '', '', 'counted' FROM setl WHERE med_type IN ('140104', '140201', '210104', '2101', '2114') AND rk LIKE 'B%' AND fault = '';

CREATE TABLE settlement AS
SELECT rk, pp, phase, COLUMNS(LAMBDA c: c NOT IN ('rk', 'rkey', 'pp', 'phase', 'fault', 'care', 'scope', 'status', 'days', 'correcting', 'w', 'setl_time', 'medfee_sumamt', 'refd_setl_flag'))::VARCHAR,
       -- the flag of the reconciliation file has three digits
       CASE WHEN pp IN (SELECT pp FROM layout WHERE record = 'settlement' AND suffix = 'txt') THEN '00' ELSE '' END || refd_setl_flag AS refd_setl_flag,
       CASE WHEN fault = 'impossible_date' AND rk LIKE 'D%' THEN '2023-02-30 10:15:00' ELSE setl_time::VARCHAR END AS setl_time,
       CASE WHEN fault = 'text_in_amount' AND rk LIKE 'D%' THEN '十二元' ELSE medfee_sumamt::VARCHAR END AS medfee_sumamt
FROM setl;
DROP TABLE setl;
