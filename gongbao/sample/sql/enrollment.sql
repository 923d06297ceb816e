-- Enrolment spells, then what is planted in them.
INSERT INTO particular VALUES ('enrollment', 35, 'total_row'), ('enrollment', 63, 'total_row'), ('enrollment', 11, 'control');
INSERT INTO left_out VALUES ('enrollment', 'chinese', 'rid'), ('enrollment', 'chinese', 'poolarea_no'), ('enrollment', 'chinese', 'psn_idet_type'),
    ('enrollment', 'interface', 'rid'), ('enrollment', 'interface', 'psn_idet_type');
CREATE MACRO turn(pkey, y) AS make_date(y, 1 + pick(u(pkey, 200 + y % 100), 12), 1);

-- The spell of year y starts in y and ends on the person's turning day in y + 1: it covers exactly one 31 December, and the
-- months between two year-ends run evenly from one level to the other.
CREATE TABLE spell AS
WITH rows AS (
    SELECT g.year, g.cell, g.maternity, g.pp, g.value, g.n, g.slot0, unnest(range(g.n)) AS j FROM grp AS g
), weighted AS (
    SELECT r.year, r.cell, r.maternity, r.pp, r.slot0 + r.j AS slot, CASE r.year WHEN 0 THEN 0 ELSE 1 END AS kind,
           (CASE WHEN r.j = 0 THEN r.value - (r.n - 1) * six_places(r.value / r.n) ELSE six_places(r.value / r.n) END)::DECIMAL(18, 6) AS weight
    FROM rows AS r
)
SELECT p.pkey, p.pp, p.kind, p.slot, p.region, p.certno, p.birth, p.gend, p.psn_no, p.old_number, w.year, w.cell, w.maternity, w.weight,
       k.insutype, k.status, k.psn_type, k.employer, k.account,
       CASE WHEN w.year = 0 THEN make_date(getvariable('first_year') - 7 + pick(u(p.pkey, 21), 5), 1 + pick(u(p.pkey, 22), 12), 1 + pick(u(p.pkey, 23), 28))
            ELSE turn(p.pkey, w.year) END AS start_date,
       CASE WHEN w.year = 0 OR w.year = getvariable('last_year') THEN NULL ELSE turn(p.pkey, w.year + 1) END AS end_date
FROM weighted AS w
JOIN person AS p ON p.pp = w.pp AND p.kind = w.kind AND p.slot = w.slot
JOIN cell_kind AS k ON k.cell = w.cell;

-- slots of the lasting persons by class, for settlements to draw from
CREATE TABLE class_slots AS
SELECT g.pp, k.status, min(g.slot0) AS lo, max(g.slot0 + g.n) AS hi FROM grp AS g JOIN cell_kind AS k USING (cell) WHERE g.year = 0 GROUP BY ALL;

CREATE TABLE enrollment AS
SELECT 'B' || pkey || lpad(year::VARCHAR, 4, '0') AS rk, pp, pkey, kind, 0 AS phase, '' AS fault, status, old_number, account,
       'R' || pkey || lpad(year::VARCHAR, 4, '0') AS psn_insu_rlts_id, psn_no, insutype,
       CASE WHEN employer = 'government_institution' AND status = 'retired' AND u(pkey, 24) < 0.01 THEN '1300'
            WHEN psn_type = '1403' AND u(pkey, 24) < 0.15 THEN '1402' ELSE psn_type END AS psn_type,
       CASE WHEN end_date IS NULL THEN CASE WHEN insutype = '390' AND u(pkey, 25) < 0.02 THEN '2' ELSE '1' END
            WHEN u(pkey, 26) < 0.5 THEN '4' ELSE '2' END AS psn_insu_stas,
       start_date::VARCHAR AS crt_insu_date, end_date::VARCHAR AS paus_insu_date, region AS insu_admdvs,
       '01' AS psn_cert_type, CASE WHEN right(certno, 1) = 'X' AND u(pkey, 27) < 0.02 AND kind = 0 THEN lower(certno) ELSE certno END AS certno,
       gend, birth::VARCHAR AS brdy, '1' AS surv_stas,
       CASE account WHEN 'pooling_and_account' THEN '1' WHEN 'pooling_only' THEN CASE WHEN u(pkey, 28) < 0.1 THEN '3' ELSE '2' END END AS hi_type,
       CASE employer WHEN 'enterprise' THEN '10'
            WHEN 'government_institution' THEN CASE WHEN u(pkey, 29) < 0.35 THEN '30' WHEN u(pkey, 29) < 0.6 THEN '50' ELSE '55' END
            WHEN 'flexible_other' THEN CASE WHEN u(pkey, 29) < 0.5 THEN '81' END END AS emp_type,
       left(region, 4) || '00' AS poolarea_no, NULL::VARCHAR AS psn_idet_type,
       -- two provinces keep maternity as an insurance of its own: rows of type 510, no flag
       CASE WHEN insutype <> '310' THEN NULL WHEN pp IN (53, 65) THEN '0' ELSE maternity::VARCHAR END AS matn_insu_flag,
       '1' AS vali_flag, 'E' || pkey || lpad(year::VARCHAR, 4, '0') AS rid,
       (getvariable('stamp') + to_minutes(pick(u(pkey, 30), 40000)))::VARCHAR AS updt_time, weight::VARCHAR AS weight
FROM spell;

INSERT INTO enrollment
SELECT rk || 'M', pp, pkey, 1, 0, '', status, old_number, account, psn_insu_rlts_id || 'M', psn_no, '510', psn_type, psn_insu_stas, crt_insu_date, paus_insu_date,
       insu_admdvs, psn_cert_type, certno, gend, brdy, surv_stas, NULL, emp_type, poolarea_no, NULL, NULL, '1', rid || 'M', updt_time, weight
FROM enrollment WHERE pp IN (53, 65) AND rk IN (SELECT 'B' || pkey || lpad(year::VARCHAR, 4, '0') FROM spell WHERE maternity = 1);

-- ---------------------------------------------------------------- what is planted
-- stream: which rows may carry the fault; share of the lasting persons, at least `least` rows.
CREATE TABLE enr_plan AS
SELECT stream, fault, rule_code, level, expected, share, least,
       greatest(least, round(share * (SELECT count(*) FROM spell WHERE kind = 0)))::BIGINT AS k
FROM (VALUES
    -- in place: the row counts as before
    (1, 'wrong_check_digit', 'ENRL-011', 'warning', 'warning', 0.001, 3), (1, 'malformed_certificate', 'ENRL-012', 'warning', 'warning', 0.0003, 3),
    (1, 'certificate_against_sex', 'ENRL-013', 'warning', 'warning', 0.0003, 3), (1, 'certificate_against_birth', 'ENRL-013', 'warning', 'warning', 0.0003, 3),
    (1, 'dead_and_normal', 'ENRL-014', 'warning', 'warning', 0.0005, 3), (2, 'abolished_region', '', '', 'review', 0.003, 3),
    -- further rows that lose against the person's own spell
    (1, 'repeated_in_province', '', '', 'netted', 0.003, 4), (1, 'repeated_same_start', '', '', 'netted', 0.001, 3), (1, 'repeated_across_provinces', '', '', 'netted', 0.004, 4),
    (1, 'repeated_across_schemes', '', '', 'netted', 0.005, 4), (1, 'repeated_across_schemes_and_provinces', '', '', 'netted', 0.003, 4),
    (1, 'merged_person_number', '', '', 'netted', 0.002, 3), (1, 'full_width_certificate', '', '', 'netted', 0.0005, 3),
    (3, 'certificate_15_digits', '', '', 'netted', 0.001, 3), (4, 'certificate_lower_case_x', '', '', 'netted', 0.0015, 3),
    (1, 'unknown_psn_type', 'ENRL-004', 'warning', 'warning', 0.0002, 3), (1, 'unknown_hi_type', 'ENRL-016', 'warning', 'warning', 0.0002, 3),
    (1, 'unknown_emp_type', 'ENRL-017', 'warning', 'warning', 0.0002, 3),
    -- further rows that are rejected or do not count
    (1, 'key_missing', 'ENRL-001', 'error', 'rejected', 0.0001, 3), (1, 'no_person', 'ENRL-002', 'error', 'rejected', 0.0001, 3),
    (1, 'insutype_missing', 'ENRL-003', 'error', 'rejected', 0.0001, 3), (1, 'insutype_unknown', 'ENRL-003', 'error', 'rejected', 0.0001, 3),
    (1, 'status_unknown', 'ENRL-005', 'error', 'rejected', 0.0001, 3), (1, 'start_missing', 'ENRL-006', 'error', 'rejected', 0.0001, 3),
    (1, 'end_before_start', 'ENRL-007', 'error', 'rejected', 0.0001, 3), (1, 'region_missing', 'ENRL-008', 'error', 'rejected', 0.0001, 3),
    (1, 'region_unknown', 'ENRL-008', 'error', 'rejected', 0.0001, 3), (1, 'older_version', 'ENRL-015', 'error', 'rejected', 0.0005, 3),
    (1, 'start_after_delivery', 'ENRL-018', 'error', 'rejected', 0.0001, 3), (1, 'start_before_insurance', 'ENRL-018', 'error', 'rejected', 0.0001, 3),
    (1, 'updated_after_delivery', 'ENRL-019', 'error', 'rejected', 0.0001, 3), (1, 'valid_flag_unknown', 'ENRL-020', 'error', 'rejected', 0.0001, 3),
    (1, 'maternity_flag_unknown', 'ENRL-021', 'error', 'rejected', 0.0001, 3), (1, 'weight_of_zero', 'ENRL-022', 'error', 'rejected', 0.0001, 3),
    (1, 'not_valid', '', '', 'not_counted', 0.0003, 3), (1, 'status_not_enrolled', '', '', 'not_counted', 0.0002, 3), (1, 'status_invalid', '', '', 'not_counted', 0.0002, 3),
    (5, 'impossible_date', '', '', 'unreadable', 0.0001, 3), (5, 'text_in_weight', '', '', 'unreadable', 0.0001, 3)
) AS t(stream, fault, rule_code, level, expected, share, least);

CREATE TABLE enr_used AS
WITH candidate AS (  -- the streams do not overlap; only as many candidates are ranked as are wanted
    SELECT pkey, u(pkey, 900) AS h,
           CASE WHEN old_number THEN 3 WHEN region IN ('520500', '520600', '650400', '650500') THEN 2
                WHEN status NOT IN ('in_service', 'retired') THEN 0
                WHEN right(certno, 1) = 'X' THEN 4 WHEN pp IN (SELECT pp FROM text_province WHERE record = 'enrollment') AND u(pkey, 901) < 0.3 THEN 5 ELSE 1 END AS stream
    FROM spell WHERE kind = 0 AND slot > 0
), ranked AS (
    SELECT pkey, stream, row_number() OVER (PARTITION BY stream ORDER BY h, pkey) AS r FROM candidate
    WHERE stream > 0 AND (stream > 1 OR h < greatest(0.2, 8.0 * (SELECT sum(k) FROM enr_plan) / (SELECT count(*) FROM spell WHERE kind = 0)))
), bounds AS (
    SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM enr_plan
)
SELECT r.pkey, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;

-- in place
UPDATE enrollment AS e SET fault = d.fault, certno = CASE d.fault
        WHEN 'wrong_check_digit' THEN left(e.certno, 17) || CASE upper(right(e.certno, 1)) WHEN '3' THEN '7' ELSE '3' END
        WHEN 'malformed_certificate' THEN left(e.certno, 16) ELSE upper(e.certno) END,
    gend = CASE WHEN d.fault = 'certificate_against_sex' THEN CASE e.gend WHEN '1' THEN '2' ELSE '1' END ELSE e.gend END,
    brdy = CASE WHEN d.fault = 'certificate_against_birth' THEN (e.brdy::DATE + 62)::DATE::VARCHAR ELSE e.brdy END,
    surv_stas = CASE WHEN d.fault = 'dead_and_normal' THEN '2' ELSE e.surv_stas END,
    psn_insu_stas = CASE WHEN d.fault = 'dead_and_normal' THEN '1' ELSE e.psn_insu_stas END,
    insu_admdvs = CASE WHEN d.fault = 'abolished_region' THEN CASE e.insu_admdvs WHEN '520500' THEN '522400' WHEN '520600' THEN '522200' WHEN '650400' THEN '652100' ELSE '652200' END
                  ELSE e.insu_admdvs END
FROM enr_used AS d WHERE d.pkey = e.pkey AND e.kind = 0 AND e.phase = 0
  AND d.fault IN ('wrong_check_digit', 'malformed_certificate', 'certificate_against_sex', 'certificate_against_birth', 'dead_and_normal', 'abolished_region');

-- further rows: the person's own row with something changed
CREATE TABLE enr_extra AS
WITH base AS (
    SELECT e.*, d.fault AS what, p.certno AS clean, u(e.pkey, 31) AS a, u(e.pkey, 32) AS b,
           -- another province and a place in it; another place of the own province
           (SELECT list(pp ORDER BY pp) FROM province) AS pps
    FROM enrollment AS e JOIN enr_used AS d ON d.pkey = e.pkey AND e.kind = 0 AND e.phase = 0
    JOIN person AS p ON p.pkey = e.pkey
    WHERE e.fault = ''
), moved AS (
    SELECT b.* EXCLUDE (pps), CASE WHEN what IN ('repeated_across_provinces', 'repeated_across_schemes_and_provinces', 'merged_person_number')
               THEN list_filter(pps, LAMBDA x: x <> b.pp)[1 + pick(b.a, 31)] WHEN what = 'repeated_same_start' THEN 66 ELSE b.pp END AS to_pp
    FROM base AS b
), placed AS (
    SELECT m.*, CASE WHEN what = 'repeated_same_start' THEN '661400'
                     WHEN starts_with(what, 'repeated') OR what = 'merged_person_number' OR starts_with(what, 'certificate') THEN p.code
                     ELSE m.insu_admdvs END AS to_region
    FROM moved AS m JOIN place AS p ON p.pp = m.to_pp AND m.b >= p.lo AND m.b < p.hi
)
SELECT 'X' || pkey || what AS rk, left(to_region, 2)::BIGINT AS pp, pkey, 2 AS kind, 1 AS phase, what AS fault, status, old_number, account,
       CASE what WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN psn_insu_rlts_id ELSE 'X' || substr(psn_insu_rlts_id, 2) END AS psn_insu_rlts_id,
       CASE WHEN what = 'no_person' THEN NULL WHEN what = 'merged_person_number' THEN psn_no || 'B' ELSE psn_no END AS psn_no,
       CASE WHEN what IN ('repeated_across_schemes', 'repeated_across_schemes_and_provinces') THEN '390' WHEN what = 'insutype_missing' THEN NULL WHEN what = 'insutype_unknown' THEN '888' ELSE insutype END AS insutype,
       CASE WHEN what IN ('repeated_across_schemes', 'repeated_across_schemes_and_provinces') THEN '1501' WHEN what = 'unknown_psn_type' THEN 'Z9' ELSE psn_type END AS psn_type,
       CASE what WHEN 'status_unknown' THEN '8' WHEN 'status_not_enrolled' THEN '0' WHEN 'status_invalid' THEN '3' ELSE '1' END AS psn_insu_stas,
       CASE WHEN what = 'start_missing' THEN NULL WHEN what = 'impossible_date' THEN '2022-02-30'
            WHEN what = 'start_after_delivery' THEN '2099-01-01' WHEN what = 'start_before_insurance' THEN '1900-01-01'
            WHEN what IN ('repeated_across_schemes', 'repeated_across_schemes_and_provinces') THEN make_date(getvariable('first_year') - 1 + pick(a, getvariable('last_year') - getvariable('first_year') + 1), 1 + pick(b, 12), 1)::VARCHAR
            WHEN what IN ('repeated_same_start', 'older_version', 'not_valid') THEN crt_insu_date ELSE (crt_insu_date::DATE - 60 - pick(a, 400))::DATE::VARCHAR END AS crt_insu_date,
       CASE WHEN what = 'end_before_start' THEN (crt_insu_date::DATE - 700)::DATE::VARCHAR
            WHEN starts_with(what, 'repeated') AND b < 0.4 AND a < 0.6 THEN make_date(getvariable('last_year'), 1 + pick(u(pkey, 33), 12), 1)::VARCHAR END AS paus_insu_date,
       CASE what WHEN 'region_missing' THEN NULL WHEN 'region_unknown' THEN '990100' ELSE to_region END AS insu_admdvs,
       psn_cert_type,
       CASE what WHEN 'no_person' THEN NULL WHEN 'certificate_15_digits' THEN left(clean, 6) || substr(clean, 9, 9) WHEN 'certificate_lower_case_x' THEN lower(clean)
            WHEN 'full_width_certificate' THEN translate(clean, '0123456789X', '０１２３４５６７８９Ｘ') ELSE clean END AS certno,
       gend, brdy, surv_stas, CASE WHEN what = 'unknown_hi_type' THEN '8' WHEN what LIKE 'repeated_across_schemes%' THEN NULL ELSE hi_type END AS hi_type,
       CASE WHEN what = 'unknown_emp_type' THEN '777' WHEN what LIKE 'repeated_across_schemes%' THEN NULL ELSE emp_type END AS emp_type,
       left(to_region, 4) || '00' AS poolarea_no, psn_idet_type, CASE WHEN what LIKE 'repeated_across_schemes%' THEN NULL WHEN what = 'maternity_flag_unknown' THEN '7' ELSE '0' END AS matn_insu_flag,
       CASE what WHEN 'not_valid' THEN '0' WHEN 'valid_flag_unknown' THEN '7' ELSE '1' END AS vali_flag,
       CASE what WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN rid ELSE 'X' || rid END AS rid,
       CASE WHEN what = 'older_version' THEN (updt_time::TIMESTAMP - INTERVAL 90 DAY)::VARCHAR WHEN what = 'updated_after_delivery' THEN '2099-01-01 00:00:00' ELSE updt_time END AS updt_time,
       CASE what WHEN 'text_in_weight' THEN '不详' WHEN 'weight_of_zero' THEN '0' ELSE weight END AS weight
FROM placed;
INSERT INTO enrollment SELECT * FROM enr_extra;

CREATE TABLE fault_enrollment AS
SELECT e.rk, d.fault, d.rule_code, d.level, d.expected FROM enrollment AS e JOIN enr_used AS d ON d.pkey = e.pkey AND d.fault = e.fault;

-- how many weighted persons a program finds more than once at each year-end
CREATE TABLE truth_duplicates AS
WITH years AS (SELECT unnest(range(getvariable('first_year') - 1, getvariable('last_year') + 1)) AS year),
losing AS (
    SELECT x.pp AS pp, p.pp AS own_pp, x.crt_insu_date::DATE AS s, x.paus_insu_date::DATE AS e, x.weight::DECIMAL(18, 6) AS w
    FROM enr_extra AS x JOIN person AS p ON p.pkey = x.pkey JOIN enr_used AS d ON d.pkey = x.pkey AND d.fault = x.fault
    WHERE d.expected IN ('netted', 'warning')
)
SELECT y.year, coalesce(sum(CASE WHEN l.pp <> l.own_pp THEN w END), 0) AS across_provinces, coalesce(sum(CASE WHEN l.pp = l.own_pp THEN w END), 0) AS within_province,
       count(l.w) AS spells
FROM years AS y LEFT JOIN losing AS l ON l.s <= make_date(y.year::INTEGER, 12, 31) AND (l.e IS NULL OR l.e > make_date(y.year::INTEGER, 12, 31))
GROUP BY y.year ORDER BY y.year;

-- ---------------------------------------------------------------- long-term care (410): spells of their own, most lasting, the rest of a year's total by year
CREATE TABLE ltc_member_cell AS
WITH years AS (SELECT unnest(range(getvariable('first_year') - 1, getvariable('last_year') + 1))::INTEGER AS year),
whole AS (
    SELECT year, CASE measure WHEN 'ltci_members_pilot' THEN 'ltc_pilot' ELSE 'ltc' END AS programme, dim(dims, 'ltc_source') AS source, value::BIGINT AS value
    FROM target SEMI JOIN years USING (year) WHERE measure IN ('ltci_members_pilot', 'ltci_members_elsewhere')
), wanted AS (
    SELECT year, programme, source, value FROM whole WHERE source <> ''
    UNION ALL
    SELECT w.year, w.programme, 'employee', w.value - r.value FROM whole AS w JOIN whole AS r ON r.year = w.year AND r.programme = w.programme AND r.source = 'resident' AND w.source = ''
), lasting AS (
    SELECT programme, source, floor(0.62 * min(value))::BIGINT AS value FROM wanted WHERE programme = 'ltc_pilot' GROUP BY programme, source
), nation AS (
    SELECT 0 AS year, programme, source, value FROM lasting
    UNION ALL
    SELECT w.year, programme, source, w.value - coalesce(l.value, 0) FROM wanted AS w LEFT JOIN lasting AS l USING (programme, source)
), shared AS (  -- before 2025 the members outside the pilots are those of a few regions
    SELECT n.year, n.source, n.value AS whole, a.code, a.pp, a.begins, a.homes, a.programme, a.main, n.year < 2025 AND a.programme = 'ltc' AS outside,
           floor(n.value * (a.size / sum(a.size) OVER (PARTITION BY n.year, n.source, a.programme)))::BIGINT AS part
    FROM nation AS n JOIN ltc_area AS a ON a.programme = n.programme AND (a.programme = 'ltc_pilot' OR a.early OR n.year >= 2025)
), exact AS (
    SELECT *, part + CASE WHEN row_number() OVER (PARTITION BY year, source, programme ORDER BY part DESC, code) = 1
                          THEN whole - sum(part) OVER (PARTITION BY year, source, programme) ELSE 0 END AS value
    FROM shared
), sized AS (SELECT *, CASE year WHEN 0 THEN 0 ELSE 1 END AS kind, greatest(1, round(value / getvariable('scale')))::BIGINT AS n FROM exact WHERE value > 0),
-- the persons of a region and source are the same from year to year
persons AS (SELECT pp, kind, code, source, max(n) AS n FROM sized GROUP BY ALL),
slots AS (SELECT *, sum(n) OVER (PARTITION BY pp, kind ORDER BY code, source) - n AS slot0 FROM persons)
SELECT s.year, s.source, s.code, s.pp, s.begins, s.homes, s.outside, s.kind, s.value::BIGINT AS value, s.n, t.slot0::BIGINT AS slot0
FROM sized AS s JOIN slots AS t ON t.pp = s.pp AND t.kind = s.kind AND t.code = s.code AND t.source = s.source;

CREATE TABLE ltc_member_row AS
WITH rows AS (SELECT *, unnest(range(n)) AS j FROM ltc_member_cell)
SELECT year, source, code, pp, begins, outside, kind, slot0 + j AS slot, homes[1 + (slot0 + j) % len(homes)] AS home,
       CASE j WHEN 0 THEN value - (n - 1) * (value // n) ELSE value // n END AS weight
FROM rows;
CREATE TABLE ltc_member AS
SELECT *, CASE year WHEN 0 THEN begins + pick(u(pkey, 22), 90) ELSE greatest(begins, turn(pkey, year)) END::DATE AS start_date,
       CASE WHEN year = 0 OR year = getvariable('last_year') THEN NULL ELSE turn(pkey, year + 1) END AS end_date
FROM further_person('ltc_member_row');
-- members outside the programme have been so for long
UPDATE ltc_member SET start_date = turn(pkey, year) WHERE outside;

INSERT INTO enrollment
SELECT 'L' || pkey || lpad(year::VARCHAR, 4, '0'), pp, pkey, 5, 0, '', '', false, '', 'L' || pkey || lpad(year::VARCHAR, 4, '0'), psn_no, '410',
       CASE source WHEN 'employee' THEN CASE WHEN u(pkey, 24) < 0.3 THEN '1201' ELSE '1101' END ELSE CASE WHEN u(pkey, 24) < 0.4 THEN '16' ELSE '1501' END END,
       CASE WHEN end_date IS NULL THEN '1' WHEN u(pkey, 26) < 0.5 THEN '4' ELSE '2' END, start_date::VARCHAR, end_date::VARCHAR, home, '01', certno, gend, birth::VARCHAR, '1',
       NULL, NULL, left(home, 4) || '00', NULL, NULL, '1', 'EL' || pkey || lpad(year::VARCHAR, 4, '0'),
       (getvariable('stamp') + to_minutes(pick(u(pkey, 30), 40000)))::VARCHAR, weight::VARCHAR
FROM ltc_member;
INSERT INTO fault_enrollment
SELECT 'L' || pkey || lpad(year::VARCHAR, 4, '0'), 'outside_the_pilot', '', '', 'counted' FROM ltc_member WHERE outside;
