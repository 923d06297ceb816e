-- Registers: regions that run long-term care insurance, its institutions, its directory of services.
INSERT INTO particular VALUES ('register_entry', 32, 'total_row'), ('register_entry', 51, 'total_row'), ('register_entry', 37, 'control');

CREATE TABLE regi AS
WITH region AS (SELECT region_code AS code, name_zh FROM read_csv(getvariable('regions_csv'), all_varchar = true)),
item AS (  -- the national directory of 2025, delivered with the capital's file
    SELECT dim(dims, 'item_class') AS kind, value::INTEGER AS n, row_number() OVER (ORDER BY dims) AS class FROM target
    WHERE measure = 'ltci_service_items' AND year = getvariable('last_year') AND value > 0
), items AS (SELECT kind, class, unnest(range(1, n + 1)) AS i FROM item)
SELECT 'area' || a.code AS rk, a.pp, 1 AS phase, '' AS fault, 'area_programme' AS reg_type, a.code AS obj_id, a.code AS admdvs, a.programme AS kind_code, a.begins AS begndate, NULL::DATE AS enddate,
       r.name_zh AS obj_name, NULL::VARCHAR AS org_name, NULL::DECIMAL(16, 2) AS cnt, NULL::DECIMAL(16, 2) AS amt, NULL::VARCHAR AS dcla_no, '1' AS vali_flag,
       a.begins::TIMESTAMP + to_hours(9) AS updt_time, '1' AS weight
FROM ltc_area AS a LEFT JOIN region AS r USING (code) WHERE year(a.begins) <= getvariable('last_year')
UNION ALL
SELECT 'unit' || number, pp, 1, '', 'ltc_institution', number, home, kind, begins, ends, NULL, NULL, CASE kind WHEN 'home' THEN NULL ELSE 20 + pick(u((hash(number) % 1000000000)::BIGINT, 313), 180) END,
       NULL, NULL, '1', begins::TIMESTAMP + to_hours(33), weight::VARCHAR
FROM ltc_institution
UNION ALL
SELECT 'item' || class || i, 11, 1, '', 'ltc_item', class || '0' || '100000' || '2025' || lpad(i::VARCHAR, 5, '0'), '100000', kind, DATE '2025-09-25', NULL,
       CASE kind WHEN 'daily_care' THEN '生活照护项目' ELSE '医疗护理项目' END || i, NULL, NULL, NULL, NULL, '1', TIMESTAMP '2025-09-25 09:00:00', '1'
FROM items;

-- ---------------------------------------------------------------- what is planted: further entries beside a good one
CREATE TABLE regi_used AS
WITH plan AS (
    SELECT *, greatest(3, round(0.0005 * (SELECT count(*) FROM regi)))::BIGINT AS k FROM (VALUES
        (1, 'key_missing', 'REGI-001', 'error', 'rejected'), (1, 'region_unknown', 'REGI-002', 'error', 'rejected'), (1, 'begin_before_2000', 'REGI-003', 'error', 'rejected'), (1, 'older_version', 'REGI-004', 'error', 'rejected'),
        (1, 'register_unknown', 'REGI-005', 'error', 'rejected'), (1, 'kind_unknown', 'REGI-006', 'error', 'rejected'), (1, 'end_before_begin', 'REGI-007', 'error', 'rejected'), (1, 'overlapping', 'REGI-008', 'warning', 'warning'),
        (1, 'count_negative', 'REGI-010', 'error', 'rejected'), (1, 'area_of_another_region', 'REGI-011', 'warning', 'warning'), (1, 'not_valid', '', '', 'not_counted'),
        (2, 'impossible_date', '', '', 'unreadable'), (2, 'text_in_amount', '', '', 'unreadable')) AS t(stream, fault, rule_code, level, expected)
), candidate AS (
    SELECT rk, CASE WHEN pp IN (SELECT pp FROM text_province WHERE record = 'register_entry') AND hash(rk || getvariable('seed')) % 3 = 0 THEN 2 ELSE 1 END AS stream
    FROM regi WHERE reg_type = 'ltc_institution' AND enddate IS NULL
), ranked AS (SELECT *, row_number() OVER (PARTITION BY stream ORDER BY hash(rk || getvariable('seed')), rk) AS r FROM candidate),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;
INSERT INTO regi
SELECT r.* REPLACE ('D' || r.rk AS rk, d.fault AS fault,
    CASE d.fault WHEN 'register_unknown' THEN 'ltc_other' WHEN 'area_of_another_region' THEN 'area_programme' ELSE reg_type END AS reg_type,
    CASE WHEN d.fault = 'key_missing' THEN NULL WHEN d.fault = 'area_of_another_region' THEN left(admdvs, 2) || '9900' WHEN d.fault IN ('older_version', 'overlapping') THEN obj_id ELSE 'D' || obj_id END AS obj_id,
    CASE d.fault WHEN 'region_unknown' THEN '990100' ELSE admdvs END AS admdvs,
    CASE d.fault WHEN 'kind_unknown' THEN 'hotel' WHEN 'area_of_another_region' THEN 'special_case' ELSE kind_code END AS kind_code,
    CASE d.fault WHEN 'begin_before_2000' THEN DATE '1999-05-01' WHEN 'overlapping' THEN begndate + 20 ELSE begndate END::DATE AS begndate,
    CASE d.fault WHEN 'end_before_begin' THEN begndate - 10 ELSE enddate END::DATE AS enddate,
    CASE d.fault WHEN 'count_negative' THEN -20 ELSE cnt END AS cnt, CASE d.fault WHEN 'not_valid' THEN '0' ELSE vali_flag END AS vali_flag,
    CASE d.fault WHEN 'older_version' THEN updt_time - INTERVAL 20 DAY ELSE updt_time END AS updt_time)
FROM regi AS r JOIN regi_used AS d USING (rk);
CREATE TABLE fault_register_entry AS SELECT 'D' || rk AS rk, fault, rule_code, level, expected FROM regi_used;

CREATE TABLE register_entry AS
SELECT rk, pp, phase, COLUMNS(LAMBDA c: c NOT IN ('rk', 'pp', 'phase', 'fault', 'begndate', 'cnt'))::VARCHAR,
       CASE WHEN fault = 'impossible_date' THEN '2023-02-30' ELSE begndate::VARCHAR END AS begndate, CASE WHEN fault = 'text_in_amount' THEN '若干' ELSE cnt::VARCHAR END AS cnt
FROM regi;
