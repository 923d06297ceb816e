-- Service points by place: an office everywhere, a village point that moved to another kind in the middle of the year.
-- Every rule is planted in rows of its own (phase 0) beside those that count, so that no total moves.
-- 每个地方一个经办大厅和一个年中改变类型的服务点；每条规则另设若干行（phase 0），不影响合计。
INSERT INTO particular VALUES ('example_register', 34, 'total_row');
CREATE TABLE example_register AS
SELECT l.code || s.n AS rk, l.pp, 1 AS phase, '' AS fault,
       'P' || l.code || s.point AS point_no, l.code AS admdvs, s.kind AS point_kind, s.begun AS begndate, s.ended AS enddate,
       '1' AS vali_flag, NULL::VARCHAR AS rid, strftime(getvariable('stamp'), '%Y-%m-%d %H:%M:%S') AS updt_time, '1' AS weight
FROM place AS l
CROSS JOIN (VALUES (1, 1, '1', '2019-01-01', NULL), (2, 2, '1', '2019-01-01', '2020-07-01'), (3, 2, '2', '2020-07-01', NULL)) AS s(n, point, kind, begun, ended);
CREATE TABLE example_register_used AS
WITH plan AS (
    SELECT *, (row_number() OVER (ORDER BY fault)) * 3 AS hi
    FROM (VALUES
        ('key_missing', 'EXRG-001', 'error', 'rejected'), ('region_unknown', 'EXRG-002', 'error', 'rejected'), ('date_before_2000', 'EXRG-003', 'error', 'rejected'),
        ('older_version', 'EXRG-004', 'error', 'rejected'), ('kind_unknown', 'EXRG-005', 'error', 'rejected'), ('ends_before_it_begins', 'EXRG-006', 'error', 'rejected'),
        ('overlaps', 'EXRG-007', 'warning', 'counted'), ('flag_unknown', 'EXRG-008', 'error', 'rejected')) AS t(fault, rule_code, level, expected)
),
ranked AS (
    SELECT rk, row_number() OVER (ORDER BY hash(rk || getvariable('seed')), rk) AS r
    FROM example_register
    WHERE enddate IS NULL AND point_kind = '1' AND pp IN (SELECT pp FROM text_province WHERE record = 'example_register')
)
SELECT r.rk, p.fault, p.rule_code, p.level, p.expected FROM ranked AS r JOIN plan AS p ON r.r > p.hi - 3 AND r.r <= p.hi;
INSERT INTO example_register
SELECT e.* REPLACE (
    'D' || e.rk AS rk, 0 AS phase, u.fault AS fault,
    CASE u.fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN point_no WHEN 'overlaps' THEN point_no ELSE 'X' || point_no END AS point_no,
    CASE u.fault WHEN 'region_unknown' THEN '990100' ELSE admdvs END AS admdvs,
    CASE u.fault WHEN 'kind_unknown' THEN '9' ELSE point_kind END AS point_kind,
    CASE u.fault WHEN 'date_before_2000' THEN '1949-10-01' WHEN 'overlaps' THEN '2020-02-01' ELSE begndate END AS begndate,
    CASE u.fault WHEN 'ends_before_it_begins' THEN '2018-01-01' ELSE enddate END AS enddate,
    CASE u.fault WHEN 'flag_unknown' THEN '7' ELSE vali_flag END AS vali_flag,
    CASE u.fault WHEN 'older_version' THEN '2019-02-01 08:00:00' ELSE updt_time END AS updt_time)
FROM example_register AS e JOIN example_register_used AS u USING (rk);
CREATE TABLE fault_example_register AS SELECT 'D' || rk AS rk, fault, rule_code, level, expected FROM example_register_used;
