-- Registers of persons: assessments and carers of long-term care.
INSERT INTO particular VALUES ('person_register', 37, 'total_row'), ('person_register', 51, 'total_row'), ('person_register', 33, 'control');
INSERT INTO left_out SELECT 'person_register', unnest(['chinese', 'interface']), 'rid';

-- ---------------------------------------------------------------- assessments: approved ones hold two years and follow one another
CREATE TABLE assessed AS
WITH person AS (
    SELECT c.pkey, c.code, a.begins AS opened, 1 + pick(u(c.pkey, 330), 12) AS month, pick(u(c.pkey, 331), 2) AS parity, list(c.year ORDER BY c.year) AS years,
           min(c.year * 12 + c.month0 - 1) AS first, max(c.year * 12 + c.month0 + c.months - 2) AS last
    FROM care AS c JOIN ltc_area AS a USING (code) WHERE c.pkey NOT IN (SELECT pkey FROM care_unassessed) GROUP BY ALL
), periods AS (
    SELECT p.*, t.year AS year0, make_date(t.year, p.month, 1) AS begun, make_date(t.year + 2, p.month, 1) AS ended
    FROM person AS p JOIN (SELECT unnest(range(getvariable('first_year') - 2, getvariable('last_year') + 1))::INTEGER AS year) AS t
        ON t.year % 2 = p.parity AND (t.year + 2) * 12 + p.month - 1 > p.first AND t.year * 12 + p.month - 1 <= p.last
)
-- weight, place and grade are those of the first year paid in the period, or of the last before it
SELECT p.pkey, p.year0, greatest(p.begun, p.opened)::DATE AS begins, p.ended AS ends, p.opened > p.begun AS at_once, c.pp, c.home, c.psn_no, c.certno, c.gend, c.birth, c.grade, c.weight
FROM periods AS p JOIN care AS c ON c.pkey = p.pkey AND c.year = coalesce(list_filter(p.years, LAMBDA y: y >= p.year0)[1], p.years[-1])
WHERE p.ended > p.opened;

-- one in five is refused, a few withdraw: persons who are never paid
CREATE TABLE refused_part AS
SELECT year, programme, 'refused' AS part, floor(value * 0.2)::BIGINT AS value FROM ltc_total('ltci_beneficiaries') WHERE year BETWEEN getvariable('first_year') AND getvariable('last_year') AND value > 0;
CREATE TABLE refused_row AS
WITH counted AS (SELECT *, greatest(1, round(value / greatest(1, getvariable('scale') // 20)))::BIGINT AS n FROM ltc_spread('refused_part') WHERE value > 0),
rows AS (SELECT *, unnest(range(n)) AS j FROM counted)
SELECT year, code, pp, 2 AS kind, 1000000000 + row_number() OVER (PARTITION BY pp ORDER BY year, code, j) AS slot, homes[1 + j % len(homes)] AS home,
       CASE j WHEN 0 THEN value - (n - 1) * (value // n) ELSE value // n END AS weight
FROM rows;
CREATE TABLE refused AS
SELECT r.*, make_date(r.year, y.first_month + pick(u(r.pkey, 330), 13 - y.first_month), 11 + pick(u(r.pkey, 332), 18)) AS evaluated, pick(u(r.pkey, 333), 2)::VARCHAR AS grade,
       CASE WHEN u(r.pkey, 334) < 0.9 THEN '2' ELSE '3' END AS result
FROM further_person('refused_row') AS r JOIN ltc_year AS y ON y.year = r.year AND y.code = r.code;

-- ---------------------------------------------------------------- carers: most lasting, the rest of a year's total by year, each at an institution of the region
CREATE TABLE carer_part AS
WITH s AS (SELECT * FROM ltc_stock('ltci_carers')),
lasting AS (SELECT programme, CASE WHEN programme = 'ltc' THEN 0 ELSE floor(0.7 * min(value))::BIGINT END AS value FROM s GROUP BY programme)
SELECT s.year, s.programme, 'lasting' AS part, l.value FROM s JOIN lasting AS l USING (programme) WHERE s.year = getvariable('first_year') AND l.value > 0
UNION ALL
SELECT s.year, s.programme, 'yearly', s.value - l.value FROM s JOIN lasting AS l USING (programme);
CREATE TABLE carer_row AS
WITH counted AS (SELECT *, greatest(1, round(value / greatest(1, getvariable('scale') // 200)))::BIGINT AS n FROM ltc_spread('carer_part') WHERE value > 0),
persons AS (SELECT pp, code, part, max(n) AS n FROM counted GROUP BY ALL),
slots AS (SELECT *, (sum(n) OVER (PARTITION BY pp ORDER BY code, part) - n)::BIGINT AS slot0 FROM persons),
rows AS (SELECT c.*, s.slot0, unnest(range(c.n)) AS j FROM counted AS c JOIN slots AS s ON s.pp = c.pp AND s.code = c.code AND s.part = c.part)
SELECT year, programme, part, code, pp, 3 AS kind, slot0 + j AS slot, homes[1 + j % len(homes)] AS home, CASE j WHEN 0 THEN value - (n - 1) * (value // n) ELSE value // n END AS weight
FROM rows;
CREATE TABLE carer AS
SELECT r.* EXCLUDE (kind), i.number, CASE WHEN u(r.pkey, 340) < 0.15 THEN 'nurse' WHEN u(r.pkey, 340) < 0.85 THEN 'carer' WHEN u(r.pkey, 340) < 0.95 THEN 'therapist' ELSE 'other' END AS carer_kind,
       CASE r.part WHEN 'lasting' THEN a.begins + pick(u(r.pkey, 341), 90) ELSE greatest(a.begins, turn(r.pkey, r.year)) END::DATE AS begins,
       CASE WHEN r.part = 'yearly' AND r.year < getvariable('last_year') THEN turn(r.pkey, r.year + 1) END AS ends
FROM further_person('carer_row') AS r JOIN ltc_area AS a USING (code)
-- an institution that is there from the region's first day and stays
JOIN (SELECT code, begins, min(number) AS number FROM ltc_institution WHERE ends IS NULL GROUP BY ALL) AS i ON i.code = a.code AND i.begins = a.begins;

CREATE TABLE preg AS
SELECT 'A' || pkey || lpad(year0::VARCHAR, 4, '0') AS rk, pp, 1 AS phase, '' AS fault, pkey, 'approved' AS what, 'LA' || pkey || year0 AS reg_id, 'ltc_assessment' AS reg_type, home AS admdvs, begins AS begndate,
       -- a tenth gives the last day on which it holds, as all do whose last day is that of a year
       CASE WHEN NOT by_last_day THEN ends END AS enddate, psn_no, '01' AS psn_cert_type, certno, CASE WHEN by_last_day THEN (ends - 1)::DATE END AS last_valid_date, grade AS kind_code,
       CASE WHEN at_once THEN begins ELSE begins - 10 - pick(u(pkey, 335), 15) END::DATE AS eval_date, '1' AS rslt_stas, NULL::VARCHAR AS org_code, NULL::VARCHAR AS rural_flag, gend, birth AS brdy,
       '1' AS surv_stas, '1' AS vali_flag, 'TA' || pkey || year0 AS rid, (begins + 3)::TIMESTAMP + to_hours(9) AS updt_time, weight::VARCHAR AS weight
FROM (SELECT *, month(ends) = 1 OR u(pkey, 336) < 0.1 AS by_last_day FROM assessed)
UNION ALL
SELECT 'R' || pkey, pp, 1, '', pkey, 'refused', 'LR' || pkey, 'ltc_assessment', home, evaluated, (evaluated + 180)::DATE, psn_no, '01', certno, NULL, grade,
       evaluated AS eval_date, result, NULL, NULL, gend, birth, '1', '1', 'TR' || pkey, evaluated::TIMESTAMP + to_hours(57), weight::VARCHAR
FROM refused
UNION ALL
SELECT 'C' || pkey || year, pp, 1, '', pkey, part, 'LC' || pkey || year, 'ltc_carer', home, begins, ends, psn_no, '01', certno, NULL, carer_kind,
       NULL, NULL, number, NULL, gend, birth, '1', '1', 'TC' || pkey || year, begins::TIMESTAMP + to_hours(81), weight::VARCHAR
FROM carer;

-- ---------------------------------------------------------------- what is planted
-- stream 1: refused assessments, on which no figure of persons rests; 2: lasting carers; 3: refused ones in text files
CREATE TABLE preg_plan AS
SELECT stream, fault, rule_code, level, expected, greatest(3, round(share * (SELECT count(*) FROM preg)))::BIGINT AS k
FROM (VALUES
    -- in place
    (1, 'approved_mild', 'PREG-011', 'warning', 'warning', 0.001), (1, 'wrong_check_digit', 'PREG-014', 'warning', 'warning', 0.001), (2, 'carer_without_institution', 'PREG-015', 'warning', 'warning', 0.001),
    -- further rows: of another register, that lose against the person's own row, or begin inside it
    (1, 'registered_and_dead', 'PREG-013', 'warning', 'warning', 0.0005), (2, 'carer_in_two_institutions', '', '', 'netted', 0.002), (1, 'overlapping', 'PREG-012', 'warning', 'warning', 0.001),
    -- further rows that are rejected or do not count
    (1, 'key_missing', 'PREG-001', 'error', 'rejected', 0.0005), (1, 'region_unknown', 'PREG-002', 'error', 'rejected', 0.0005), (1, 'begin_missing', 'PREG-003', 'error', 'rejected', 0.0005),
    (1, 'older_version', 'PREG-004', 'error', 'rejected', 0.001), (1, 'register_unknown', 'PREG-005', 'error', 'rejected', 0.0005), (1, 'no_person', 'PREG-006', 'error', 'rejected', 0.0005),
    (1, 'end_before_begin', 'PREG-007', 'error', 'rejected', 0.0005), (1, 'ends_contradict', 'PREG-008', 'error', 'rejected', 0.0005), (1, 'grade_unknown', 'PREG-009', 'error', 'rejected', 0.0005),
    (1, 'result_unknown', 'PREG-009', 'error', 'rejected', 0.0005), (1, 'carer_kind_unknown', 'PREG-009', 'error', 'rejected', 0.0005), (1, 'evaluation_missing', 'PREG-010', 'error', 'rejected', 0.0005),
    (1, 'not_valid', '', '', 'not_counted', 0.0005), (3, 'impossible_date', '', '', 'unreadable', 0.0005), (3, 'text_in_weight', '', '', 'unreadable', 0.0005)
) AS t(stream, fault, rule_code, level, expected, share);
CREATE TABLE preg_used AS
WITH candidate AS (
    SELECT rk, pkey, CASE WHEN what = 'lasting' THEN CASE WHEN begndate > (SELECT min(begins) FROM ltc_area) THEN 2 ELSE 0 END WHEN pp IN (SELECT pp FROM text_province WHERE record = 'person_register') AND u(pkey, 903) < 0.2 THEN 3 ELSE 1 END AS stream
    FROM preg WHERE what IN ('refused', 'lasting') AND coalesce(rslt_stas, '2') = '2'
), ranked AS (SELECT *, row_number() OVER (PARTITION BY stream ORDER BY u(pkey, 900), pkey) AS r FROM candidate),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM preg_plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;

UPDATE preg AS p SET
    rslt_stas = CASE d.fault WHEN 'approved_mild' THEN '1' ELSE p.rslt_stas END, kind_code = CASE d.fault WHEN 'approved_mild' THEN '1' ELSE p.kind_code END,
    certno = CASE d.fault WHEN 'wrong_check_digit' THEN left(p.certno, 17) || CASE right(p.certno, 1) WHEN '3' THEN '7' ELSE '3' END ELSE p.certno END,
    org_code = CASE d.fault WHEN 'carer_without_institution' THEN 'X' || p.org_code ELSE p.org_code END
FROM preg_used AS d WHERE d.rk = p.rk AND d.fault IN ('approved_mild', 'wrong_check_digit', 'carer_without_institution');

CREATE TABLE preg_extra AS
WITH lot AS (SELECT p.* REPLACE (d.fault AS fault) FROM preg AS p JOIN preg_used AS d USING (rk) WHERE d.fault NOT IN ('approved_mild', 'wrong_check_digit', 'carer_without_institution')),
-- the other institution of a carer lies in another province, and came first
other AS (
    SELECT l.rk, a.pp, a.homes[1] AS home, i.number, greatest(i.begins, l.begndate - 400) AS begins
    FROM lot AS l JOIN ltc_area AS a ON a.programme = 'ltc_pilot' AND a.pp <> l.pp AND a.begins < l.begndate
    JOIN (SELECT code, begins, min(number) AS number FROM ltc_institution WHERE ends IS NULL GROUP BY ALL) AS i ON i.code = a.code AND i.begins = a.begins
    WHERE l.fault = 'carer_in_two_institutions' QUALIFY row_number() OVER (PARTITION BY l.rk ORDER BY u(l.pkey, 342 + a.pp), a.code) = 1
)
SELECT l.* REPLACE ('D' || l.rk AS rk, coalesce(o.pp, l.pp) AS pp, coalesce(o.home, CASE l.fault WHEN 'region_unknown' THEN '990100' ELSE l.admdvs END) AS admdvs,
    CASE l.fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN l.reg_id ELSE 'D' || l.reg_id END AS reg_id, CASE l.fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN l.rid ELSE 'D' || l.rid END AS rid,
    CASE l.fault WHEN 'older_version' THEN l.updt_time - INTERVAL 20 DAY ELSE l.updt_time END AS updt_time,
    CASE l.fault WHEN 'registered_and_dead' THEN 'population' WHEN 'register_unknown' THEN 'ltc_other' WHEN 'carer_kind_unknown' THEN 'ltc_carer' ELSE l.reg_type END AS reg_type,
    CASE l.fault WHEN 'begin_missing' THEN NULL WHEN 'carer_in_two_institutions' THEN o.begins WHEN 'overlapping' THEN l.begndate + 30 ELSE l.begndate END::DATE AS begndate,
    CASE l.fault WHEN 'registered_and_dead' THEN NULL WHEN 'end_before_begin' THEN l.begndate WHEN 'overlapping' THEN l.enddate + 30 ELSE l.enddate END::DATE AS enddate,
    CASE l.fault WHEN 'ends_contradict' THEN (l.enddate + 5)::DATE ELSE l.last_valid_date END AS last_valid_date,
    CASE l.fault WHEN 'registered_and_dead' THEN NULL WHEN 'grade_unknown' THEN '9' WHEN 'carer_in_two_institutions' THEN CASE l.kind_code WHEN 'nurse' THEN 'carer' ELSE 'nurse' END ELSE l.kind_code END AS kind_code,
    CASE l.fault WHEN 'result_unknown' THEN '9' WHEN 'carer_kind_unknown' THEN NULL WHEN 'registered_and_dead' THEN NULL ELSE l.rslt_stas END AS rslt_stas, CASE l.fault WHEN 'evaluation_missing' THEN NULL WHEN 'registered_and_dead' THEN NULL ELSE l.eval_date END AS eval_date,
    CASE l.fault WHEN 'no_person' THEN NULL ELSE l.psn_no END AS psn_no, CASE l.fault WHEN 'no_person' THEN NULL ELSE l.certno END AS certno, coalesce(o.number, l.org_code) AS org_code,
    CASE l.fault WHEN 'registered_and_dead' THEN '2' ELSE l.surv_stas END AS surv_stas, CASE l.fault WHEN 'not_valid' THEN '0' ELSE l.vali_flag END AS vali_flag, CASE l.fault WHEN 'text_in_weight' THEN '不详' ELSE l.weight END AS weight)
FROM lot AS l LEFT JOIN other AS o USING (rk);
INSERT INTO preg SELECT * FROM preg_extra;

CREATE TABLE fault_person_register AS
SELECT CASE WHEN fault IN ('approved_mild', 'wrong_check_digit', 'carer_without_institution') THEN '' ELSE 'D' END || rk AS rk, fault, rule_code, level, expected FROM preg_used
UNION ALL SELECT rk, 'last_valid_day', '', '', 'counted' FROM preg WHERE last_valid_date = DATE '2024-12-31' AND fault = '';

CREATE TABLE person_register AS
SELECT rk, pp, phase, COLUMNS(LAMBDA c: c NOT IN ('rk', 'pp', 'phase', 'fault', 'pkey', 'what', 'begndate'))::VARCHAR,
       CASE WHEN fault = 'impossible_date' THEN '2023-02-30' ELSE begndate::VARCHAR END AS begndate
FROM preg;
