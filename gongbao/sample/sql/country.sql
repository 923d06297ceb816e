-- The country: places, targets and the synthetic persons' enrolment cells.
-- Everything random is a hash of a key, so the same seed gives the same bytes whatever the number of threads.

-- u(i, k): a number in [0, 1) for key i and purpose k (0..999). The key is mixed into one number before hashing,
-- because hash(i, 1) and hash(i, 2) of DuckDB go together.
CREATE MACRO u(i, k) AS (hash(i * 1000 + k + getvariable('seed') * 1000000007) >> 11)::DOUBLE / 9007199254740992.0;
-- the whole part of a share of n, as a whole number 0..n-1
CREATE MACRO pick(x, n) AS floor(x * n)::INTEGER;
CREATE MACRO golden(slot, start) AS (slot * 6.180339887498949e-1 + start) - floor(slot * 6.180339887498949e-1 + start);
CREATE MACRO six_places(x) AS (floor(x * 1e6) / 1e6)::DECIMAL(18, 6);  -- never above x

-- dim(dims, name): the value of a dimension in the text of a target's dimensions, '' for the total
CREATE MACRO dim(dims, name) AS regexp_extract(';' || coalesce(dims, ''), ';' || name || '=([^;]*)', 1);

-- What is particular about a province's file of a record, said by the record's script:
--   total_row      it ends in a total row                      twice     it is sent again under another name
--   control        control totals lie beside it                workbook  it is a workbook, whatever its turn is
--   control_wrong  the same, and the number of rows is wrong
CREATE TABLE particular (record VARCHAR, pp BIGINT, what VARCHAR);
-- Columns that a family of headers leaves out, to be as incomplete as real extracts; none that a figure needs.
CREATE TABLE left_out (record VARCHAR, kind VARCHAR, name VARCHAR);
-- Where rows that cannot be read may be planted: they need text, and a file without control totals.
CREATE VIEW text_province AS
SELECT record, pp FROM layout
WHERE is_text AND (record, pp) NOT IN (SELECT (record, pp) FROM particular WHERE what <> 'total_row');

CREATE TABLE province AS
SELECT region_code AS code, left(region_code, 2)::BIGINT AS pp, row_number() OVER (ORDER BY region_code)::INTEGER - 1 AS ord,
       census_population::BIGINT AS people, employee_factor::DOUBLE AS employee_factor, cost_factor::DOUBLE AS cost_factor,
       resident_fund_2024, pooling
FROM read_csv(getvariable('provinces_csv'), all_varchar = true);

-- shares of the nation: employees by population and a factor, residents what remains of the same coverage everywhere
CREATE TABLE province_share AS
WITH s AS (
    SELECT *, people / sum(people) OVER () AS people_share,
           employee_factor * people / sum(employee_factor * people) OVER () AS employee_share
    FROM province
), r AS (SELECT *, people_share - 0.2787 * employee_share AS rest FROM s)
SELECT code, pp, ord, cost_factor, resident_fund_2024, pooling, people_share, employee_share,
       rest / sum(rest) OVER () AS resident_share
FROM r ORDER BY code;

-- places where persons are insured: prefectures, divisions, county-level cities run as cities; districts of the municipalities
CREATE TABLE place AS
WITH listed AS (
    SELECT region_code AS code, left(region_code, 2)::BIGINT AS pp,
           CASE WHEN kind = 'county_as_city' THEN 0.12 WHEN right(left(region_code, 4), 2) = '01' THEN 2.2
                ELSE 0.6 + 0.8 * u(region_code::BIGINT, 1) END AS raw,
           kind <> 'county_as_city' AS destination
    FROM read_csv(getvariable('regions_csv'), all_varchar = true)
    WHERE region_level = 'prefecture' AND kind IN ('prefecture', 'division', 'county_as_city')
      AND parent_code IN (SELECT code FROM province WHERE pp NOT IN (11, 12, 31, 50))
    UNION ALL
    SELECT pp || '01' || district, pp, 0.6 + 0.8 * u(pp * 10000 + district::BIGINT, 1), true
    FROM province, (VALUES ('01'), ('05'), ('06'), ('12'), ('13'), ('14'), ('15'), ('16')) AS d(district)
    WHERE pp IN (11, 12, 31, 50)
), cumulated AS (
    SELECT *, sum(raw) OVER (PARTITION BY pp ORDER BY code) AS upto, sum(raw) OVER (PARTITION BY pp) AS whole FROM listed
)
SELECT code, pp, destination, (upto - raw) / whole AS lo,
       CASE WHEN upto = whole THEN 1.0 ELSE upto / whole END AS hi, raw / whole AS share,
       -- care may be sought in the province: another prefecture must exist (a municipality is one)
       pp NOT IN (11, 12, 31, 50) AS has_other
FROM cumulated ORDER BY code;

CREATE TABLE target AS
SELECT year::INTEGER AS year, measure, coalesce(dims, '') AS dims, dim(dims, 'scheme') AS scheme, dim(dims, 'fund_part') AS part, dim(dims, 'member_status') AS status,
       dim(dims, 'employer_type') AS employer, dim(dims, 'account_mode') AS account, dim(dims, 'care_type') AS care,
       dim(dims, 'hospital_level') AS level, dim(dims, 'travel_scope') AS scope, value::DECIMAL(20, 2) AS value
FROM read_csv(getvariable('targets_csv'), all_varchar = true);

-- ---------------------------------------------------------------- enrolment cells of the nation
-- The order of cells is the order of persons in a province: when the sizes of cells move from year to year, the persons at
-- the borders change their status to a neighbouring one.
CREATE TABLE cell_kind AS
SELECT * FROM (VALUES
    (1, '390', 'child', 'pupil', '', '', '1403'), (2, '390', 'child', 'student', '', '', '1404'),
    (3, '390', 'adult', 'adult', '', '', '1501')) AS t(cell, insutype, status, sub, employer, account, psn_type)
UNION ALL
SELECT 9 + row_number() OVER (ORDER BY s.i, e.i, a.i) AS cell, '310', s.status, '', e.employer, a.account,
       (CASE s.status WHEN 'in_service' THEN '11' ELSE '12' END) || e.code
FROM (VALUES (1, 'in_service'), (2, 'retired')) AS s(i, status),
     (VALUES (1, 'flexible_other', '03'), (2, 'enterprise', '01'), (3, 'government_institution', '02')) AS e(i, employer, code),
     (VALUES (1, 'pooling_only'), (2, 'pooling_and_account')) AS a(i, account)
UNION ALL
SELECT 90, '390', 'elderly', 'elderly', '', '', '16';

CREATE TABLE cell AS
WITH years AS (SELECT DISTINCT year FROM target WHERE measure = 'members' AND year BETWEEN getvariable('first_year') - 1 AND getvariable('last_year')),
m AS (SELECT * FROM target WHERE measure = 'members' AND year IN (SELECT year FROM years)),
employee AS (
    SELECT y.year, k.cell, k.status, k.employer,
           (s.value::DOUBLE * e.value::DOUBLE * a.value::DOUBLE / (t.total * t.total)) AS value
    FROM years AS y
    JOIN cell_kind AS k ON k.insutype = '310'
    JOIN m AS s ON s.year = y.year AND s.scheme = 'employee' AND s.status = k.status
    JOIN m AS e ON e.year = y.year AND e.employer = k.employer
    JOIN m AS a ON a.year = y.year AND a.account = k.account
    JOIN (SELECT year, sum(value)::DOUBLE AS total FROM m WHERE scheme = 'employee' AND status <> '' GROUP BY year) AS t ON t.year = y.year
),
-- persons in service who are insured for maternity too: fewer among flexible workers, the total as printed
maternity AS (
    SELECT year, (SELECT value::DOUBLE FROM target AS t WHERE t.measure = 'maternity_members' AND t.year = employee.year) /
           sum(CASE WHEN status = 'in_service' THEN value * CASE employer WHEN 'flexible_other' THEN 0.8 ELSE 1 END ELSE 0 END) AS share
    FROM employee GROUP BY year
),
parts AS (
    SELECT e.year, e.cell, f.flag AS maternity,
           CASE WHEN e.status <> 'in_service' THEN CASE f.flag WHEN 1 THEN 0 ELSE e.value END
                WHEN f.flag = 1 THEN e.value * m.share * CASE e.employer WHEN 'flexible_other' THEN 0.8 ELSE 1 END
                ELSE e.value * (1 - m.share * CASE e.employer WHEN 'flexible_other' THEN 0.8 ELSE 1 END) END AS value
    FROM employee AS e JOIN maternity AS m USING (year), (VALUES (0), (1)) AS f(flag)
    UNION ALL
    SELECT m.year, k.cell, 0, m.value::DOUBLE
    FROM m JOIN cell_kind AS k ON k.insutype = '390' AND m.scheme = 'resident' AND m.status = k.sub
)
SELECT year, cell, maternity, value::DECIMAL(18, 6) AS value FROM parts WHERE value > 0;

-- ---------------------------------------------------------------- groups of equal rows: (year 0 = all years) x province x cell
-- Most persons stay what they are over all years (one spell each); the rest of every year's total has spells of its own.
CREATE TABLE grp AS
WITH core AS (
    SELECT cell, maternity, (0.62 * min(value))::DECIMAL(18, 6) AS value FROM cell GROUP BY cell, maternity
), nation AS (
    SELECT 0 AS year, cell, maternity, value FROM core
    UNION ALL
    SELECT c.year, cell, maternity, c.value - core.value FROM cell AS c JOIN core USING (cell, maternity)
), split AS (
    SELECT n.year, n.cell, n.maternity, k.insutype, p.pp, n.value AS whole,
           (n.value * CASE k.insutype WHEN '310' THEN p.employee_share ELSE p.resident_share END)::DECIMAL(18, 6) AS part
    FROM nation AS n JOIN cell_kind AS k USING (cell), province_share AS p
), exact AS (  -- Guangdong takes what rounding leaves
    SELECT year, cell, maternity, pp, CASE WHEN pp = 44 THEN whole - sum(CASE WHEN pp = 44 THEN 0 ELSE part END) OVER (PARTITION BY year, cell, maternity)
           ELSE part END AS value
    FROM split
), counted AS (
    SELECT *, greatest(1, round(value::DOUBLE / getvariable('scale')))::BIGINT AS n FROM exact
)
SELECT year, cell, maternity, pp, value::DECIMAL(18, 6) AS value, n,
       (coalesce(sum(n) OVER (PARTITION BY year, pp ORDER BY cell, maternity ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0))::BIGINT AS slot0
FROM counted;

-- ---------------------------------------------------------------- certificates that nobody can have
-- 18 digits with a right check digit, a prefecture (never a county) as region, and a birth in 18xx. The few persons who also
-- appear with a 15-digit number are born in 1900-1905, because 15 digits mean 19yy. i is unique in a province and kind.
CREATE MACRO check_digit(d) AS substr('10X98765432', ((
    substr(d, 1, 1)::INT * 7 + substr(d, 2, 1)::INT * 9 + substr(d, 3, 1)::INT * 10 + substr(d, 4, 1)::INT * 5 + substr(d, 5, 1)::INT * 8 +
    substr(d, 6, 1)::INT * 4 + substr(d, 7, 1)::INT * 2 + substr(d, 8, 1)::INT * 1 + substr(d, 9, 1)::INT * 6 + substr(d, 10, 1)::INT * 3 +
    substr(d, 11, 1)::INT * 7 + substr(d, 12, 1)::INT * 9 + substr(d, 13, 1)::INT * 10 + substr(d, 14, 1)::INT * 5 + substr(d, 15, 1)::INT * 8 +
    substr(d, 16, 1)::INT * 4 + substr(d, 17, 1)::INT * 2) % 11) + 1, 1);

-- persons: one row for every (province, kind, slot) that any year needs; kind 0 core, 1 the others
CREATE TABLE person AS
WITH need AS (
    SELECT pp, CASE year WHEN 0 THEN 0 ELSE 1 END AS kind, year, sum(n) AS n FROM grp GROUP BY pp, year
), rows AS (
    SELECT pp, kind, unnest(range(n)) AS slot FROM (SELECT pp, kind, max(n)::BIGINT AS n FROM need GROUP BY pp, kind)
), keyed AS (
    SELECT pp, kind, slot, slot * 2 + kind AS i, pp * 1000000000000 + slot * 2 + kind AS pkey, golden(slot, u(pp, 3)) AS pos,
           kind = 0 AND slot % 199 = 7 AS old_number
    FROM rows
), placed AS (
    SELECT k.*, p.code AS region,
           CASE WHEN old_number THEN slot // 199 ELSE i END AS c, CASE WHEN old_number THEN 2191 ELSE 36524 END AS days
    FROM keyed AS k JOIN place AS p ON p.pp = k.pp AND k.pos >= p.lo AND k.pos < p.hi
), dated AS (
    SELECT *, (CASE WHEN old_number THEN DATE '1900-01-01' ELSE DATE '1800-01-01' END + ((c * 7919) % days)::INTEGER)::DATE AS birth, c // days AS q
    FROM placed
), numbered AS (
    SELECT *, (q + pick(u(pp * 100000 + (c * 7919) % days, 5), 1000)) % 1000 AS seq FROM dated
), digits AS (
    SELECT *, left(region, 4) || lpad(((q // 1000) % 100)::VARCHAR, 2, '0') || strftime(birth, '%Y%m%d') || lpad(seq::VARCHAR, 3, '0') AS d17 FROM numbered
)
SELECT pp, kind, slot, pkey, region, birth, old_number, d17 || check_digit(d17) AS certno,
       CASE WHEN seq % 2 = 1 THEN '1' ELSE '2' END AS gend,
       pp::VARCHAR || lpad(kind::VARCHAR, 4, '0') || lpad(slot::VARCHAR, 14, '0') AS psn_no
FROM digits;

-- ---------------------------------------------------------------- persons beside those of the basic schemes
-- further_person(t): the rows of t, which have pp, home (where the person lives), kind (0..3) and slot (unique with both), and who that is.
-- Their certificates have other fifth and sixth digits than those below.
CREATE MACRO further_person(t) AS TABLE
WITH counted AS (SELECT *, 50 * 36524000 + slot * 4 + kind AS c FROM query_table(t)),
dated AS (
    SELECT *, (DATE '1800-01-01' + ((c * 7919) % 36524)::INTEGER)::DATE AS birth, (c // 36524 + pick(u(pp * 100000 + (c * 7919) % 36524, 5), 1000)) % 1000 AS seq FROM counted
),
digits AS (SELECT *, left(home, 4) || lpad(((c // 36524000) % 100)::VARCHAR, 2, '0') || strftime(birth, '%Y%m%d') || lpad(seq::VARCHAR, 3, '0') AS d17 FROM dated)
SELECT * EXCLUDE (c, seq, d17), pp * 1000000000000 + 500000000000 + slot * 4 + kind AS pkey, d17 || check_digit(d17) AS certno,
       CASE WHEN seq % 2 = 1 THEN '1' ELSE '2' END AS gend, pp || lpad((5 + kind)::VARCHAR, 4, '0') || lpad(slot::VARCHAR, 14, '0') AS psn_no
FROM digits;

-- ---------------------------------------------------------------- long-term care: the regions that run it
-- The national pilots, and from 2025 further prefectures (of every province one before any has two) that hold no pilot and lie in none.
CREATE TABLE ltc_area AS
WITH pilot AS (
    SELECT region_code AS code, left(region_code, 2)::BIGINT AS pp, programme, begins::DATE AS begins, 0 AS turn
    FROM read_csv(getvariable('programmes_csv'), all_varchar = true) WHERE programme = 'ltc_pilot'
), other AS (
    SELECT code, pp, 'ltc' AS programme, DATE '2025-01-01' AS begins, row_number() OVER (ORDER BY in_province, code) AS turn
    FROM (
        SELECT *, row_number() OVER (PARTITION BY pp ORDER BY u(code::BIGINT, 300), code) AS in_province FROM place
        WHERE destination AND pp NOT IN (11, 12, 31, 50) AND left(code, 4) NOT IN (SELECT left(code, 4) FROM pilot)
    )
), listed AS (
    SELECT * FROM pilot
    UNION ALL
    SELECT * FROM other WHERE turn <= (SELECT value FROM target WHERE measure = 'ltci_areas' AND year = 2025) - (SELECT count(*) FROM pilot)
), sized AS (
    SELECT l.*, greatest(0.0004, CASE WHEN l.code LIKE '%0000' THEN 1 WHEN l.code LIKE '%00' THEN p.share ELSE 0.03 END * v.people_share) AS size,
           CASE WHEN l.code LIKE '%0000' THEN m.homes ELSE [l.code] END AS homes
    FROM listed AS l JOIN province_share AS v ON v.pp = l.pp LEFT JOIN place AS p ON p.code = l.code
    LEFT JOIN (SELECT pp, list(code ORDER BY code) AS homes FROM place GROUP BY pp) AS m ON m.pp = l.pp
)
-- main: the largest of its kind, which takes what rounding leaves; early: a few that have members before they are regions of the programme
SELECT code, pp, programme, begins, turn BETWEEN 1 AND 6 AS early, size, homes, row_number() OVER (PARTITION BY programme ORDER BY size DESC, code) = 1 AS main
FROM sized ORDER BY code;

-- regions by year, from the month in which they begin, with their share of what their kind has in the year
CREATE TABLE ltc_year AS
WITH years AS (SELECT unnest(range(getvariable('first_year'), getvariable('last_year') + 1))::INTEGER AS year)
SELECT y.year, a.code, a.pp, a.programme, a.main, a.homes, CASE WHEN year(a.begins) = y.year THEN month(a.begins) ELSE 1 END AS first_month,
       a.size * (13 - first_month) / sum(a.size * (13 - first_month)) OVER (PARTITION BY y.year, a.programme) AS share
FROM years AS y JOIN ltc_area AS a ON year(a.begins) <= y.year ORDER BY y.year, a.code;

-- a target of the pilots and of the others: the second is the whole less the first
CREATE MACRO ltc_total(name) AS TABLE
SELECT w.year, 'ltc_pilot' AS programme, coalesce(p.value, w.value) AS value FROM target AS w LEFT JOIN target AS p ON p.year = w.year AND p.measure = name || '_pilot' AND p.dims = ''
WHERE w.measure = name AND w.dims = ''
UNION ALL
SELECT w.year, 'ltc', w.value - p.value FROM target AS w JOIN target AS p ON p.year = w.year AND p.measure = name || '_pilot' AND p.dims = '' WHERE w.measure = name AND w.dims = '';

-- a whole number spread over the regions of a kind by their shares; the main one takes what rounding leaves
CREATE MACRO ltc_spread(t) AS TABLE  -- t: year, programme, part (a name), value
WITH shared AS (
    SELECT w.*, y.code, y.pp, y.main, y.homes, floor(w.value * (y.share / sum(y.share) OVER (PARTITION BY w.year, w.programme, w.part)))::BIGINT AS floored
    FROM query_table(t) AS w JOIN ltc_year AS y USING (year, programme)
)
SELECT year, programme, part, code, pp, main, homes, floored + CASE WHEN main THEN value::BIGINT - sum(floored) OVER (PARTITION BY year, programme, part) ELSE 0 END::BIGINT AS value
FROM shared;

-- Institutions and carers are printed for the whole; the others have in 2025 the part that they have of the persons cared for.
CREATE MACRO ltc_stock(name) AS TABLE
WITH p AS (SELECT year, programme, value / sum(value) OVER (PARTITION BY year) AS share FROM ltc_total('ltci_beneficiaries')),
pilot AS (SELECT t.year, t.value AS whole, round(t.value * p.share)::BIGINT AS value FROM target AS t JOIN p ON p.year = t.year AND p.programme = 'ltc_pilot' WHERE t.measure = name)
SELECT year, 'ltc_pilot' AS programme, value FROM pilot WHERE year BETWEEN getvariable('first_year') AND getvariable('last_year')
UNION ALL
SELECT year, 'ltc', (whole - value)::BIGINT FROM pilot WHERE year BETWEEN greatest(2025, getvariable('first_year')) AND getvariable('last_year');

-- Institutions: most of a year's further ones stay, one in twenty-five of those there are leaves in the next year.
CREATE TABLE ltc_institution_part AS
WITH s AS (SELECT *, CASE WHEN year > min(year) OVER (PARTITION BY programme) THEN floor(0.04 * value)::BIGINT ELSE 0 END AS brief FROM ltc_stock('ltci_institutions'))
SELECT year, programme, 'brief' AS part, brief AS value FROM s
UNION ALL
SELECT year, programme, 'stays', value - brief - coalesce(lag(value - brief) OVER (PARTITION BY programme ORDER BY year), 0) FROM s;
CREATE TABLE ltc_institution AS
WITH counted AS (SELECT *, greatest(1, round(value / greatest(1, getvariable('scale') // 2000)))::BIGINT AS n FROM ltc_spread('ltc_institution_part') WHERE value > 0),
rows AS (SELECT c.*, unnest(range(n)) AS j FROM counted AS c),
placed AS (
    SELECT r.*, r.homes[1 + j % len(r.homes)] AS home, a.begins AS opened, CASE j WHEN 0 THEN value - (n - 1) * (value // n) ELSE value // n END AS weight,
           year > min(year) OVER (PARTITION BY r.programme) AS later, r.code::BIGINT * 10000 + (year % 100) * 100 + CASE part WHEN 'brief' THEN 50 ELSE 0 END AS cohort
    FROM rows AS r JOIN ltc_area AS a USING (code)
)
SELECT code, pp, home, year, weight, 'LH' || home || lpad((year % 100)::VARCHAR, 2, '0') || CASE part WHEN 'brief' THEN 'B' ELSE 'A' END || lpad(j::VARCHAR, 5, '0') AS number,
       CASE WHEN u(cohort + j * 1000000, 310) < 0.5 THEN 'institution' WHEN u(cohort + j * 1000000, 310) < 0.85 THEN 'home' ELSE 'both' END AS kind,
       CASE WHEN later THEN greatest(opened, make_date(year, 1 + pick(u(cohort + j * 1000000, 311), 12), 1)) ELSE opened END::DATE AS begins,
       CASE WHEN part = 'brief' AND year < getvariable('last_year') THEN make_date(year + 1, 1 + pick(u(cohort + j * 1000000, 312), 12), 1) END AS ends
FROM placed;
