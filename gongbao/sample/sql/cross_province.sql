-- Clearing lines of care settled across provinces (the treatment places' file), direct and by hand.
INSERT INTO particular VALUES ('cross_province', 42, 'total_row'), ('cross_province', 33, 'control');
INSERT INTO left_out VALUES ('cross_province', 'chinese', 'seqno');
CREATE TABLE xprv_cell AS
WITH t AS (SELECT * FROM target WHERE year BETWEEN getvariable('first_year') AND getvariable('last_year') AND (measure LIKE 'direct_%' OR measure LIKE 'manual_%')),
c AS (
    SELECT year, split_part(measure, '_', 1) AS mode, care, max(CASE WHEN measure LIKE '%_visits' THEN value END)::DOUBLE AS v,
           max(CASE WHEN measure LIKE '%_cost' THEN value END)::DOUBLE AS c, max(CASE WHEN measure LIKE '%_fund_pay' THEN value END)::DOUBLE AS f
    FROM t GROUP BY ALL
), schemes AS (
    SELECT c.* REPLACE (v * s.share AS v, c * s.share AS c, f * s.share AS f), s.scheme
    FROM c JOIN (VALUES ('employee', true, 0.42), ('resident', true, 0.58), ('employee', false, 0.68), ('resident', false, 0.32)) AS s(scheme, inpatient, share) ON s.inpatient = (c.care = 'inpatient')
), sized AS (SELECT *, greatest(2, round(v / getvariable('unit_few')))::BIGINT AS n FROM schemes),
numbered AS (SELECT (500000 + row_number() OVER (ORDER BY year, mode, care, scheme))::BIGINT AS cell, *, greatest(0.05, 0.003 * sqrt(n)) AS small FROM sized)
SELECT *, six_places(v / (n + small)) AS w, (v::DECIMAL(20, 6) - n * six_places(v / (n + small)))::DECIMAL(18, 6) AS w_small FROM numbered;

CREATE TABLE xprv_row AS
WITH rows AS (SELECT c.*, unnest(range(c.n + 1)) AS j FROM xprv_cell AS c),
keyed AS (SELECT *, cell * 10000000000 + j AS rkey FROM rows),
provinced AS (
    SELECT k.*, p.pp, p.cost_factor FROM keyed AS k JOIN setl_province AS p ON p.scheme = k.scheme AND NOT p.in_province
     AND CASE WHEN k.j = k.n THEN p.pp = 44 ELSE (k.j + u(k.cell, 41)) / k.n >= p.lo AND (k.j + u(k.cell, 41)) / k.n < p.hi END
), classed AS (
    SELECT r.*, CASE scheme WHEN 'employee' THEN CASE WHEN u(r.rkey, 70) < 0.45 THEN 'in_service' ELSE 'retired' END ELSE CASE WHEN u(r.rkey, 70) < 0.2 THEN 'child' WHEN u(r.rkey, 70) < 0.6 THEN 'adult' ELSE 'elderly' END END AS status
    FROM provinced AS r
), personed AS (SELECT r.*, q.lo + pick(u(r.rkey, 42), q.hi - q.lo) AS slot FROM classed AS r JOIN class_slots AS q ON q.pp = r.pp AND q.status = r.status),
placed AS (
    SELECT r.*, s.certno, s.region, CASE WHEN t.pp = r.pp THEN o.others[1 + pick(u(r.rkey, 72), len(o.others))] ELSE t.code END AS treated,
           ((0.3 + 1.4 * u(r.rkey, 43)))::DECIMAL(12, 6) AS g
    FROM personed AS r JOIN spell AS s ON s.year = 0 AND s.pp = r.pp AND s.slot = r.slot
    JOIN other_province AS o ON o.pp = r.pp JOIN destination AS t ON u(r.rkey, 71) >= t.lo AND u(r.rkey, 71) < t.hi
), main AS (
    SELECT *, greatest(0.5, g::DOUBLE * (c * (n * w::DOUBLE / v) / w::DOUBLE) / (sum(CASE WHEN j < n THEN g ELSE 0 END) OVER (PARTITION BY cell))::DOUBLE)::DECIMAL(16, 2) AS medfee
    FROM placed
), funded AS (SELECT *, (medfee::DOUBLE * f / c)::DECIMAL(16, 2) AS fund FROM main),
sums AS (SELECT cell, sum(CASE WHEN j < n THEN medfee * w::DECIMAL(20, 6) END) AS sm, sum(CASE WHEN j < n THEN fund * w::DECIMAL(20, 6) END) AS sf FROM funded GROUP BY cell)
SELECT x.* REPLACE (CASE WHEN j = n THEN ((c::DECIMAL(24, 2) - sm) / w_small)::DECIMAL(16, 2) ELSE medfee END AS medfee,
                    CASE WHEN j = n THEN ((f::DECIMAL(24, 2) - sf) / w_small)::DECIMAL(16, 2) ELSE fund END AS fund),
       make_date(year, 1, 1) + pick(u(rkey, 50), 365) + to_seconds(28800 + pick(u(rkey, 58), 36000)) AS t
FROM funded AS x JOIN sums USING (cell);

CREATE TABLE xprv AS
SELECT 'B' || rkey AS rk, rkey, pp, 0 AS phase, '' AS fault, j = n AS correcting, 'A' || treated || strftime(t, '%y%m%d') || lpad((rkey % 10000000)::VARCHAR, 7, '0') || cell AS setl_sn,
       -- most lines are cleared in the month of the visit, 8 % a month later, 2 % two months later
       t + to_months(CASE WHEN u(rkey, 73) < 0.02 THEN 2 WHEN u(rkey, 73) < 0.1 THEN 1 ELSE 0 END) AS round_time,
       region AS insu_admdvs, treated AS mdtrtarea, t AS mdtrt_setl_time, CASE mode WHEN 'direct' THEN '0' ELSE '1' END AS fulamt_advpay_flag, medfee AS medfee_sumamt, fund AS optins_pay_sumamt,
       (1 + rkey % 100)::INTEGER AS seqno, CASE care WHEN 'pharmacy' THEN 'P' ELSE 'H' END || treated || lpad(pick(u(rkey, 60), 400)::VARCHAR, 5, '0') AS medins_no, '01' AS psn_cert_type, certno,
       'S' || rkey AS mdtrt_id, CASE scheme WHEN 'employee' THEN '310' ELSE '390' END AS insutype,
       CASE care WHEN 'inpatient' THEN '21' WHEN 'outpatient_chronic' THEN '14' WHEN 'pharmacy' THEN '41' ELSE '11' END AS med_type, '1' AS cnfm_flag, '1' AS vali_flag,
       t + INTERVAL 3 DAY AS updt_time, CASE WHEN j = n THEN w_small ELSE w END::VARCHAR AS weight
FROM xprv_row;
DROP TABLE xprv_row;

CREATE TABLE xprv_plan AS
SELECT stream, fault, rule_code, level, expected, greatest(least, round(share * (SELECT count(*) FROM xprv)))::BIGINT AS k
FROM (VALUES
    (1, 'waiting_line', '', '', 'not_counted', 0.02, 5), (1, 'waiting_then_confirmed', 'XPRV-007', 'error', 'rejected', 0.003, 3), (1, 'older_version', 'XPRV-007', 'error', 'rejected', 0.0005, 3),
    (1, 'key_missing', 'XPRV-001', 'error', 'rejected', 0.0002, 3), (1, 'insured_region_unknown', 'XPRV-002', 'error', 'rejected', 0.0002, 3), (1, 'treatment_region_missing', 'XPRV-003', 'error', 'rejected', 0.0002, 3),
    (1, 'time_missing', 'XPRV-004', 'error', 'rejected', 0.0002, 3), (1, 'flag_unknown', 'XPRV-005', 'error', 'rejected', 0.0002, 3), (1, 'amount_missing', 'XPRV-006', 'error', 'rejected', 0.0002, 3),
    (1, 'amount_negative', 'XPRV-006', 'error', 'rejected', 0.0002, 3), (1, 'unknown_med_type', 'XPRV-008', 'warning', 'warning', 0.0005, 3), (1, 'one_province', 'XPRV-009', 'warning', 'warning', 0.0005, 3),
    (1, 'time_after_delivery', 'XPRV-010', 'error', 'rejected', 0.0002, 3), (1, 'valid_flag_unknown', 'XPRV-011', 'error', 'rejected', 0.0002, 3),
    (1, 'confirmed_flag_unknown', 'XPRV-012', 'error', 'rejected', 0.0002, 3), (1, 'weight_of_zero', 'XPRV-013', 'error', 'rejected', 0.0002, 3),
    (1, 'not_valid', '', '', 'not_counted', 0.0005, 3), (2, 'impossible_date', '', '', 'unreadable', 0.0002, 3), (2, 'text_in_amount', '', '', 'unreadable', 0.0002, 3)
) AS t(stream, fault, rule_code, level, expected, share, least);
CREATE TABLE xprv_used AS
WITH candidate AS (SELECT rk, rkey, CASE WHEN pp IN (SELECT pp FROM text_province WHERE record = 'cross_province') AND u(rkey, 903) < 0.1 THEN 2 ELSE 1 END AS stream FROM xprv WHERE NOT correcting AND medfee_sumamt > 20),
ranked AS (SELECT rk, stream, row_number() OVER (PARTITION BY stream ORDER BY u(rkey, 900), rkey) AS r FROM candidate),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM xprv_plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;

-- every planted line is a further line; warnings are planted on lines that wait, so that they move nothing
INSERT INTO xprv
SELECT x.* REPLACE ('D' || substr(x.rk, 2) AS rk, d.fault AS fault,
    CASE WHEN d.fault = 'key_missing' THEN NULL WHEN d.rule_code = 'XPRV-007' THEN setl_sn ELSE setl_sn || 'D' END AS setl_sn,
    CASE d.fault WHEN 'insured_region_unknown' THEN '990100' ELSE insu_admdvs END AS insu_admdvs,
    CASE d.fault WHEN 'treatment_region_missing' THEN NULL WHEN 'one_province' THEN insu_admdvs ELSE mdtrtarea END AS mdtrtarea,
    CASE d.fault WHEN 'time_missing' THEN NULL WHEN 'time_after_delivery' THEN TIMESTAMP '2099-05-01 10:00:00' ELSE mdtrt_setl_time END AS mdtrt_setl_time,
    CASE d.fault WHEN 'flag_unknown' THEN '7' ELSE fulamt_advpay_flag END AS fulamt_advpay_flag,
    CASE d.fault WHEN 'amount_missing' THEN NULL WHEN 'amount_negative' THEN -medfee_sumamt ELSE medfee_sumamt END AS medfee_sumamt,
    CASE d.fault WHEN 'amount_negative' THEN -optins_pay_sumamt ELSE optins_pay_sumamt END AS optins_pay_sumamt,
    CASE d.fault WHEN 'unknown_med_type' THEN '9977' ELSE med_type END AS med_type,
    CASE WHEN d.fault IN ('waiting_line', 'waiting_then_confirmed', 'unknown_med_type', 'one_province') THEN '0' WHEN d.fault = 'confirmed_flag_unknown' THEN '7' ELSE '1' END AS cnfm_flag,
    CASE d.fault WHEN 'weight_of_zero' THEN '0' ELSE weight END AS weight,
    CASE d.fault WHEN 'not_valid' THEN '0' WHEN 'valid_flag_unknown' THEN '7' ELSE '1' END AS vali_flag, CASE WHEN d.rule_code = 'XPRV-007' THEN updt_time - INTERVAL 1 DAY ELSE updt_time END AS updt_time)
FROM xprv AS x JOIN xprv_used AS d USING (rk);
CREATE TABLE fault_cross_province AS
SELECT 'D' || substr(rk, 2) AS rk, fault, rule_code, level, expected FROM xprv_used
UNION ALL SELECT 'D' || substr(rk, 2), fault || '_waits', '', '', 'not_counted' FROM xprv_used WHERE fault IN ('unknown_med_type', 'one_province')
UNION ALL SELECT rk, 'late_clearing', '', '', 'counted' FROM xprv WHERE rk LIKE 'B%' AND strftime(round_time, '%Y%m') <> strftime(mdtrt_setl_time, '%Y%m');

CREATE TABLE cross_province AS
SELECT rk, pp, phase, setl_sn, strftime(round_time, '%Y') AS trt_year, strftime(round_time, '%m') AS trt_month, insu_admdvs, mdtrtarea,
       CASE fault WHEN 'impossible_date' THEN '2024-13-05 09:00:00' ELSE mdtrt_setl_time::VARCHAR END AS mdtrt_setl_time, fulamt_advpay_flag,
       CASE fault WHEN 'text_in_amount' THEN '待核' ELSE medfee_sumamt::VARCHAR END AS medfee_sumamt, optins_pay_sumamt::VARCHAR AS optins_pay_sumamt, seqno::VARCHAR AS seqno, medins_no,
       psn_cert_type, certno, mdtrt_id, insutype, med_type, cnfm_flag, vali_flag, updt_time::VARCHAR AS updt_time, weight
FROM xprv;
