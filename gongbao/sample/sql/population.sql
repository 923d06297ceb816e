-- Population by place: a province's people by census share, its places by their members; eligible so that the coverage rate comes out.
INSERT INTO particular VALUES ('population', 34, 'total_row'), ('population', 46, 'total_row');
CREATE TABLE population AS
WITH years AS (SELECT year, max(CASE measure WHEN 'resident_population' THEN value END)::DOUBLE AS pop, max(CASE measure WHEN 'eligible_population' THEN value END)::DOUBLE AS elig
               FROM target WHERE year BETWEEN getvariable('first_year') - 1 AND getvariable('last_year') GROUP BY year),
m AS (
    SELECT y.year, s.pp, s.region, sum(s.weight)::DOUBLE AS members FROM years AS y JOIN spell AS s ON s.year = 0 OR s.year = y.year GROUP BY ALL
), p AS (
    SELECT y.year, l.pp, l.code AS region, y.pop, y.elig, v.people_share, coalesce(m.members, 0) AS members FROM years AS y CROSS JOIN place AS l JOIN province_share AS v USING (pp) LEFT JOIN m ON m.year = y.year AND m.region = l.code
), s AS (
    SELECT *, round(pop * people_share * members / sum(members) OVER (PARTITION BY year, pp)) AS resident, coalesce(elig, sum(members) OVER (PARTITION BY year) / 0.952) AS eligible_all,
           members * (0.99 + 0.02 * u(pp * 100 + year % 100, 90)) AS raw
    FROM p
), e AS (SELECT *, round(eligible_all * raw / sum(raw) OVER (PARTITION BY year)) AS eligible FROM s)
SELECT region || year AS rk, pp, 1 AS phase, '' AS fault, region AS region_code, year::VARCHAR AS year,
       (resident + CASE WHEN region = '440100' THEN round(pop) - sum(resident) OVER (PARTITION BY year) ELSE 0 END)::DECIMAL(18, 0)::VARCHAR AS resident_population,
       (eligible + CASE WHEN region = '440100' THEN round(eligible_all) - sum(eligible) OVER (PARTITION BY year) ELSE 0 END)::DECIMAL(18, 0)::VARCHAR AS eligible_population, '合成样例' AS source
FROM e;
CREATE TABLE popu_used AS
WITH plan AS (SELECT *, (row_number() OVER (ORDER BY fault)) * 3 AS hi FROM (VALUES ('region_unknown', 'POPU-001', 'error', 'rejected'), ('year_missing', 'POPU-002', 'error', 'rejected'), ('year_after_delivery', 'POPU-005', 'error', 'rejected'),
    ('population_missing', 'POPU-003', 'error', 'rejected'), ('population_negative', 'POPU-003', 'error', 'rejected'), ('older_version', 'POPU-004', 'error', 'rejected'), ('text_in_amount', '', '', 'unreadable')) AS t(fault, rule_code, level, expected)),
ranked AS (SELECT rk, row_number() OVER (ORDER BY hash(rk || getvariable('seed')), rk) AS r FROM population WHERE pp IN (SELECT pp FROM text_province WHERE record = 'population'))
SELECT r.rk, p.fault, p.rule_code, p.level, p.expected FROM ranked AS r JOIN plan AS p ON r.r > p.hi - 3 AND r.r <= p.hi;
INSERT INTO population
SELECT l.* REPLACE ('D' || l.rk AS rk, 0 AS phase, d.fault AS fault, CASE d.fault WHEN 'region_unknown' THEN '990100' ELSE region_code END AS region_code, CASE d.fault WHEN 'year_missing' THEN NULL WHEN 'year_after_delivery' THEN '2099' ELSE year END AS year,
    CASE d.fault WHEN 'population_missing' THEN NULL WHEN 'population_negative' THEN '-' || resident_population WHEN 'text_in_amount' THEN '约三百万' WHEN 'older_version' THEN (resident_population::BIGINT + 1000)::VARCHAR ELSE resident_population END AS resident_population)
FROM population AS l JOIN popu_used AS d USING (rk);
CREATE TABLE fault_population AS SELECT 'D' || rk AS rk, fault, rule_code, level, expected FROM popu_used;
