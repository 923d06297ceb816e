-- Fund ledgers of the pooling areas, month by month. fund: EP employee pooled, EA employee account, R resident, L long-term care.
INSERT INTO particular VALUES ('fund_ledger', 36, 'total_row'), ('fund_ledger', 43, 'total_row'), ('fund_ledger', 62, 'total_row'),
    ('fund_ledger', 32, 'control'), ('fund_ledger', 31, 'twice'), ('fund_ledger', 54, 'workbook');
INSERT INTO left_out VALUES ('fund_ledger', 'chinese', 'agency_level');
CREATE TABLE fund_kind AS SELECT * FROM (VALUES ('EP', '310', 'pool', 'employee', 'pooled'), ('EA', '310', 'account', 'employee', 'account'), ('R', '390', 'pool', 'resident', 'pooled'), ('L', '410', 'pool', 'long_term_care', 'pooled')) AS t(fund, scheme, part, s, p);

-- pooling areas: the province, or its prefectures (then the province keeps a book of transfers only)
CREATE TABLE pool AS
SELECT p.pp, p.code AS region, 1.0 AS share, '1' AS agency_level FROM province_share AS p WHERE p.pooling = 'province'
UNION ALL SELECT p.pp, l.code, l.share, '2' FROM province_share AS p JOIN place AS l USING (pp) WHERE p.pooling = 'prefecture';

CREATE TABLE province_fund AS
WITH t AS (
    SELECT t.year, k.fund, max(CASE measure WHEN 'income' THEN value END)::DOUBLE AS inc, max(CASE measure WHEN 'expenditure' THEN value END)::DOUBLE AS exp
    FROM target AS t JOIN fund_kind AS k ON k.s = t.scheme AND k.p = t.part
    WHERE measure IN ('income', 'expenditure') AND year BETWEEN getvariable('first_year') AND getvariable('last_year') GROUP BY ALL
), s AS (
    SELECT pp, f.fund, resident_fund_2024, CASE f.fund WHEN 'R' THEN resident_share ELSE employee_share * cost_factor END AS raw
    FROM province_share, (SELECT fund FROM fund_kind) AS f
), shared AS (SELECT *, raw / sum(raw) OVER (PARTITION BY fund) AS share FROM s),
income AS (
    SELECT t.year, t.fund, s.pp, s.share, s.resident_fund_2024, t.inc * s.share AS inc, t.exp,
           -- resident funds of 2024: a deficit in 14 provinces; elsewhere and otherwise expenditure moves a little around its share
           CASE WHEN t.fund = 'R' AND t.year = 2024 AND s.resident_fund_2024 = 'deficit' THEN t.inc * s.share * (1.006 + 0.02 * u(s.pp, 80)) END AS fixed,
           s.share * (0.97 + 0.06 * u(s.pp * 100 + t.year % 100, 81)) AS free
    FROM t JOIN shared AS s ON s.fund = t.fund
)
SELECT year, fund, pp, share, inc, coalesce(fixed, free * (exp - coalesce(sum(fixed) OVER w, 0)) / sum(CASE WHEN fixed IS NULL THEN free END) OVER w) AS exp
FROM income WINDOW w AS (PARTITION BY year, fund) ORDER BY year, fund, pp;

-- how a year's sum falls on items, and an item on months ('q': in the last month of a quarter)
CREATE TABLE item_share AS SELECT * FROM (VALUES
    ('EP', 'inc', 'I01', 0.945, 'm'), ('EP', 'inc', 'I02', 0.010, 'q'), ('EP', 'inc', 'I03', 0.037, 'q'), ('EP', 'inc', 'I05', 0.008, 'q'), ('EP', 'exp', 'E01', 0.992, 'm'), ('EP', 'exp', 'E04', 0.008, 'q'),
    ('EA', 'inc', 'I01', 0.965, 'm'), ('EA', 'inc', 'I03', 0.028, 'q'), ('EA', 'inc', 'I04', 0.007, 'q'), ('EA', 'exp', 'E01', 0.990, 'm'), ('EA', 'exp', 'E03', 0.010, 'q'),
    ('R', 'inc', 'I01', 0.370, 'm'), ('R', 'inc', 'I02', 0.612, 'm'), ('R', 'inc', 'I03', 0.014, 'q'), ('R', 'inc', 'I05', 0.004, 'q'), ('R', 'exp', 'E01', 0.905, 'm'), ('R', 'exp', 'E02', 0.085, 'm'), ('R', 'exp', 'E04', 0.010, 'q')
) AS t(fund, side, item_code, share, rhythm);
CREATE TABLE month_share AS
WITH m AS (SELECT unnest(range(1, 13)) AS month),
raw AS (
    SELECT k.fund, i.item_code, i.side, m.month,
           CASE WHEN i.rhythm = 'q' THEN CASE WHEN m.month % 3 = 0 THEN 1 ELSE 0 END
                WHEN i.fund = 'R' AND i.item_code = 'I01' THEN CASE WHEN m.month >= 10 THEN 6 WHEN m.month <= 2 THEN 1.5 ELSE 0.3 END  -- residents pay in the fourth quarter
                WHEN i.fund = 'R' AND i.item_code = 'I02' THEN CASE WHEN m.month IN (3, 6, 9) THEN 2.5 WHEN m.month >= 11 THEN 2 ELSE 0.4 END
                WHEN m.month = 12 THEN 1.35 WHEN m.month = 2 THEN 0.8 ELSE 1 END AS raw
    FROM fund_kind AS k JOIN item_share AS i USING (fund), m
)
SELECT fund, side, item_code, month, raw / sum(raw) OVER (PARTITION BY fund, item_code) AS share FROM raw WHERE raw > 0;

-- one province delivers 万元: its amounts are whole hundreds of yuan, so that nothing is lost in the unit
CREATE MACRO money(x, pp) AS CASE WHEN pp = 15 THEN round(x, -2) ELSE round(x, 2) END::DECIMAL(18, 2);
CREATE TABLE ledger_main AS
WITH rounded AS (
    SELECT f.year, f.fund, i.side, p.pp, p.region, i.item_code, m.month,
           money(CASE i.side WHEN 'inc' THEN f.inc ELSE f.exp END * p.share * i.share * m.share, p.pp) AS amount
    FROM province_fund AS f JOIN pool AS p USING (pp) JOIN item_share AS i ON i.fund = f.fund JOIN month_share AS m ON m.fund = i.fund AND m.item_code = i.item_code
), wanted AS (
    SELECT year, k.fund, CASE measure WHEN 'income' THEN 'inc' ELSE 'exp' END AS side, value FROM target AS t JOIN fund_kind AS k ON k.s = t.scheme AND k.p = t.part WHERE measure IN ('income', 'expenditure')
), rest AS (SELECT w.year, w.fund, w.side, w.value - sum(r.amount) AS rest FROM rounded AS r JOIN wanted AS w USING (year, fund, side) GROUP BY w.year, w.fund, w.side, w.value)
SELECT r.* REPLACE ((amount + CASE WHEN region = '440000' AND month = 12 AND item_code IN ('I01', 'E01') THEN rest ELSE 0 END)::DECIMAL(18, 2) AS amount)
FROM rounded AS r JOIN rest USING (year, fund, side);

-- ---------------------------------------------------------------- long-term care: a book in every region that runs it
-- Where the region keeps the book of the employee scheme too, half of what that fund spends otherwise (E04) goes to long-term care.
CREATE TABLE ltc_from_basic AS
SELECT m.year, m.pp, m.region, m.month, money(m.amount::DOUBLE * 0.5, m.pp) AS amount
FROM ledger_main AS m JOIN ltc_year AS y ON y.year = m.year AND y.code = m.region WHERE m.fund = 'EP' AND m.item_code = 'E04' AND m.month >= y.first_month;
UPDATE ledger_main AS m SET amount = m.amount - b.amount FROM ltc_from_basic AS b
WHERE m.fund = 'EP' AND m.item_code = 'E04' AND m.year = b.year AND m.region = b.region AND m.month = b.month;
INSERT INTO ledger_main SELECT year, 'EP', 'exp', pp, region, 'E0601', month, amount FROM ltc_from_basic;

CREATE TABLE ltc_book AS
WITH wanted AS (
    SELECT year, programme, 'inc' AS side, value FROM ltc_total('ltci_fund_income')
    UNION ALL
    SELECT year, programme, 'E0701', (a.value * e.value / t.value)::DECIMAL(18, 2)
    FROM ltc_total('ltci_fund_expenditure') AS e JOIN target AS t USING (year) JOIN target AS a USING (year)
    WHERE t.measure = 'ltci_fund_expenditure' AND a.measure = 'ledger' AND a.dims = 'fund=long_term_care;item_code=E0701'
), spent AS (  -- what is not administration is benefits
    SELECT * FROM wanted UNION ALL
    SELECT e.year, e.programme, 'E01', e.value - w.value FROM ltc_total('ltci_fund_expenditure') AS e JOIN wanted AS w ON w.year = e.year AND w.programme = e.programme AND w.side = 'E0701'
), item AS (SELECT * FROM (VALUES ('inc', 'I01', 0.62, 'm'), ('inc', 'I02', 0.33, 'q'), ('inc', 'I03', 0.04, 'y'), ('inc', 'I05', 0.01, 'y'), ('E01', 'E01', 1.0, 'm'), ('E0701', 'E0701', 1.0, 'q')) AS t(side, item_code, share, rhythm)),
from_basic AS (SELECT year, region, sum(amount) AS amount FROM ltc_from_basic GROUP BY ALL),
months AS (
    SELECT w.year, w.programme, w.side, w.value, y.code, y.pp, y.main, i.item_code, m.month,
           (w.value::DOUBLE * y.share - CASE w.side WHEN 'inc' THEN coalesce(b.amount, 0)::DOUBLE ELSE 0 END) * i.share
               / count(*) OVER (PARTITION BY w.year, y.code, i.item_code) AS raw
    FROM spent AS w JOIN ltc_year AS y USING (year, programme) JOIN item AS i USING (side)
    JOIN (SELECT unnest(range(1, 13)) AS month) AS m ON m.month >= y.first_month AND m.month % CASE i.rhythm WHEN 'm' THEN 1 WHEN 'q' THEN 3 ELSE 12 END = 0
    LEFT JOIN from_basic AS b ON b.year = y.year AND b.region = y.code
), rounded AS (SELECT *, money(raw, pp) AS amount FROM months),
rest AS (
    SELECT r.year, r.programme, r.side, r.value - sum(r.amount) - CASE r.side WHEN 'inc' THEN coalesce(max(b.amount), 0) ELSE 0 END AS rest
    FROM rounded AS r LEFT JOIN (SELECT year, programme, sum(amount) AS amount FROM from_basic JOIN ltc_year USING (year) WHERE code = region GROUP BY ALL) AS b USING (year, programme)
    GROUP BY r.year, r.programme, r.side, r.value
)
SELECT r.year, r.pp, r.code AS region, r.item_code, r.month,
       (r.amount + CASE WHEN r.main AND r.month = 12 AND r.item_code IN ('I01', 'E01', 'E0701') THEN s.rest ELSE 0 END)::DECIMAL(18, 2) AS amount
FROM rounded AS r JOIN rest AS s USING (year, programme, side)
UNION ALL SELECT year, pp, region, 'I0601', month, amount FROM ltc_from_basic;

-- opening of the regions that run it already, the balances of those that enter, closing
CREATE TABLE ltc_balance AS
WITH wanted AS (SELECT year, dim(dims, 'item_code') AS item_code, value FROM target WHERE measure = 'ledger' AND dim(dims, 'fund') = 'long_term_care'),
part AS (
    SELECT w.year, a.code AS region, a.pp, w.item_code, w.value, money(w.value::DOUBLE * (a.size / sum(a.size) OVER (PARTITION BY w.year, w.item_code)), a.pp) AS amount,
           row_number() OVER (PARTITION BY w.year, w.item_code ORDER BY a.size DESC, a.code) = 1 AS first
    FROM wanted AS w JOIN ltc_area AS a
        ON w.item_code = 'B01' AND w.year = getvariable('first_year') AND a.begins < make_date(w.year, 1, 1) OR w.item_code = 'B04' AND a.begins = make_date(w.year, 1, 1)
    WHERE w.year BETWEEN getvariable('first_year') AND getvariable('last_year')
), entry AS (SELECT year, pp, region, item_code, 1 AS month, (amount + CASE WHEN first THEN value - sum(amount) OVER (PARTITION BY year, item_code) ELSE 0 END)::DECIMAL(18, 2) AS amount FROM part),
moves AS (
    SELECT year, pp, region, sum(amount) AS amount FROM (
        SELECT year, pp, region, amount FROM entry
        UNION ALL SELECT year, pp, region, CASE WHEN left(item_code, 1) = 'I' THEN amount ELSE -amount END FROM ltc_book) GROUP BY ALL
)
SELECT * FROM entry
UNION ALL SELECT year, pp, region, 'B03', 12, (sum(amount) OVER (PARTITION BY region ORDER BY year))::DECIMAL(18, 2) FROM moves;

-- maternity inside the pooled benefit expenditure, and the parts of benefit expenditure
CREATE TABLE ledger_parts AS
WITH m AS (
    SELECT l.year, l.fund, l.pp, l.region, l.month, l.amount,
           CASE l.fund WHEN 'EP' THEN money(l.amount::DOUBLE * t.value::DOUBLE / (sum(l.amount) OVER (PARTITION BY l.year, l.fund))::DOUBLE, l.pp) ELSE 0 END AS maternity, t.value AS wanted
    FROM ledger_main AS l JOIN target AS t ON t.measure = 'maternity_expenditure' AND t.year = l.year WHERE l.item_code = 'E01' AND l.fund IN ('EP', 'R')
), e AS (
    SELECT * REPLACE ((maternity + CASE WHEN fund = 'EP' AND region = '440000' AND month = 12 THEN wanted - sum(maternity) OVER (PARTITION BY year, fund) ELSE 0 END)::DECIMAL(18, 2) AS maternity) FROM m
), i AS (SELECT *, money((amount - maternity)::DOUBLE * 0.66, pp) AS inpatient FROM e)
SELECT year, fund, pp, region, 'E0101' AS item_code, month, inpatient AS amount FROM i
UNION ALL SELECT year, fund, pp, region, 'E0102', month, (amount - maternity - inpatient)::DECIMAL(18, 2) FROM i
UNION ALL SELECT year, fund, pp, region, 'E0103', month, maternity FROM i WHERE fund = 'EP';

-- 上解, 下拨: prefectures remit in June and December and get grants in September; the province's book holds the other side
CREATE TABLE ledger_transfer AS
WITH t AS (
    SELECT l.year, l.fund, l.pp, l.region, m.month, CASE m.month WHEN 9 THEN 'I08' ELSE 'E09' END AS item_code, money(sum(l.amount)::DOUBLE * CASE m.month WHEN 9 THEN 0.012 ELSE 0.01 END, l.pp) AS amount
    FROM ledger_main AS l JOIN province_share AS p USING (pp), (VALUES (6), (9), (12)) AS m(month)
    WHERE p.pooling = 'prefecture' AND l.side = 'inc' AND l.fund IN ('EP', 'R') GROUP BY l.year, l.fund, l.pp, l.region, m.month
)
SELECT * FROM t
UNION ALL SELECT year, fund, pp, pp || '0000', month, CASE item_code WHEN 'I08' THEN 'E08' ELSE 'I09' END, sum(amount)::DECIMAL(18, 2) FROM t GROUP BY ALL
-- a month without a transfer is delivered as zero: without any entry it would be missing
UNION ALL SELECT DISTINCT year, fund, pp, pp || '0000', m.month, 'I09', 0::DECIMAL(18, 2) FROM t, (SELECT unnest(range(1, 13)) AS month) AS m WHERE m.month NOT IN (6, 12);

-- balances: opening, adjustments so that the printed closing balances come out, closing
CREATE TABLE ledger_balance AS
WITH closing AS (SELECT t.year, k.fund, t.value FROM target AS t JOIN fund_kind AS k ON k.s = t.scheme AND k.p = t.part WHERE t.measure = 'closing_balance'),
share AS (SELECT f.fund, p.pp, p.region, f.share * p.share AS share FROM (SELECT DISTINCT fund, pp, share FROM province_fund) AS f JOIN pool AS p USING (pp)),
opening AS (SELECT s.fund, s.pp, s.region, c.value AS wanted, money(c.value::DOUBLE * s.share, s.pp) AS amount FROM share AS s JOIN closing AS c ON c.fund = s.fund AND c.year = getvariable('first_year') - 1),
flow AS (SELECT year, fund, sum(CASE side WHEN 'inc' THEN amount ELSE -amount END) AS bal FROM ledger_main GROUP BY ALL),
adjust AS (
    SELECT c.year, s.fund, s.pp, s.region, c.value - p.value - f.bal AS wanted, money((c.value - p.value - f.bal)::DOUBLE * s.share, s.pp) AS amount
    FROM share AS s JOIN closing AS c ON c.fund = s.fund JOIN closing AS p ON p.fund = s.fund AND p.year = c.year - 1 JOIN flow AS f ON f.fund = s.fund AND f.year = c.year
), b01 AS (SELECT getvariable('first_year') AS year, fund, pp, region, (amount + CASE WHEN region = '440000' THEN wanted - sum(amount) OVER (PARTITION BY fund) ELSE 0 END)::DECIMAL(18, 2) AS amount FROM opening),
b04 AS (SELECT year, fund, pp, region, (amount + CASE WHEN region = '440000' THEN wanted - sum(amount) OVER (PARTITION BY year, fund) ELSE 0 END)::DECIMAL(18, 2) AS amount FROM adjust),
moves AS (
    SELECT year, fund, pp, region, sum(amount) AS amount FROM (
        SELECT year, fund, pp, region, CASE side WHEN 'inc' THEN amount ELSE -amount END AS amount FROM ledger_main
        UNION ALL SELECT year, fund, pp, region, CASE WHEN left(item_code, 1) = 'I' THEN amount ELSE -amount END FROM ledger_transfer
        UNION ALL SELECT * FROM b01 UNION ALL SELECT * FROM b04) GROUP BY ALL
)
SELECT year, fund, pp, region, 'B01' AS item_code, 1 AS month, amount FROM b01
UNION ALL SELECT year, fund, pp, region, 'B04', 12, amount FROM b04 WHERE amount <> 0
UNION ALL SELECT year, fund, pp, region, 'B03', 12, (sum(amount) OVER (PARTITION BY fund, region ORDER BY year))::DECIMAL(18, 2) FROM moves;

-- ---------------------------------------------------------------- the records
CREATE TABLE cumulative_province AS SELECT unnest([21, 33, 37, 61]) AS pp;  -- their ledgers are cumulative from January
CREATE TABLE parts_only_province AS SELECT unnest([35, 36]) AS pp;  -- resident benefits by parts, without their sum
CREATE TABLE ledger_month AS
WITH flash AS (  -- the first report of 2024 beside the final accounts: main items only, the same months, the printed totals
    SELECT l.year, l.fund, l.pp, l.region, l.month, l.side, l.amount, t.value AS wanted, sum(l.amount) OVER (PARTITION BY l.fund, l.side) AS whole
    FROM ledger_main AS l JOIN fund_kind AS k USING (fund)
    JOIN target AS t ON t.measure = CASE l.side WHEN 'inc' THEN 'flash_income' ELSE 'flash_expenditure' END AND t.scheme = k.s AND t.part = k.p AND t.year = l.year
    WHERE l.item_code IN ('I01', 'E01')
), flash_rounded AS (SELECT *, money(wanted::DOUBLE * (amount::DOUBLE / whole::DOUBLE), pp) AS a FROM flash),
flash_exact AS (SELECT *, (a + CASE WHEN region = '440000' AND month = 12 THEN wanted - sum(a) OVER (PARTITION BY fund, side) ELSE 0 END)::DECIMAL(18, 2) AS f FROM flash_rounded),
maternity AS (
    SELECT l.year, l.fund, l.pp, l.region, l.month, t.value AS wanted, money(t.value::DOUBLE * l.amount::DOUBLE / (sum(l.amount) OVER ())::DOUBLE, l.pp) AS a
    FROM ledger_parts AS l JOIN target AS t ON t.measure = 'flash_maternity_expenditure' AND t.year = l.year WHERE l.item_code = 'E0103'
)
SELECT 'final' AS version, year, fund, pp, region, item_code, month, amount, 'flow' AS kind FROM ledger_main WHERE NOT (fund = 'R' AND item_code = 'E01' AND pp IN (SELECT pp FROM parts_only_province))
UNION ALL SELECT 'final', year, fund, pp, region, item_code, month, amount, 'flow' FROM ledger_parts
UNION ALL SELECT 'final', year, fund, pp, region, item_code, month, amount, 'flow' FROM ledger_transfer
UNION ALL SELECT 'final', year, fund, pp, region, item_code, month, amount, 'stock' FROM ledger_balance
UNION ALL SELECT 'final', year, 'L', pp, region, item_code, month, amount, 'flow' FROM ltc_book
UNION ALL SELECT 'final', year, 'L', pp, region, item_code, month, amount, 'stock' FROM ltc_balance
UNION ALL SELECT 'flash', year, fund, pp, region, CASE side WHEN 'inc' THEN 'I01' ELSE 'E01' END, month, f, 'flow' FROM flash_exact WHERE NOT (fund = 'R' AND side = 'exp' AND pp IN (SELECT pp FROM parts_only_province))
UNION ALL SELECT 'flash', year, fund, pp, region, 'E0101', month, round(f * 0.66, 2)::DECIMAL(18, 2), 'flow' FROM flash_exact WHERE fund = 'R' AND side = 'exp' AND pp IN (SELECT pp FROM parts_only_province)
UNION ALL SELECT 'flash', year, fund, pp, region, 'E0102', month, (f - round(f * 0.66, 2))::DECIMAL(18, 2), 'flow' FROM flash_exact WHERE fund = 'R' AND side = 'exp' AND pp IN (SELECT pp FROM parts_only_province)
UNION ALL SELECT 'flash', year, fund, pp, region, 'E0103', month, (a + CASE WHEN region = '440000' AND month = 12 THEN wanted - sum(a) OVER () ELSE 0 END)::DECIMAL(18, 2), 'flow' FROM maternity
-- budgets of three areas, one row for the year
UNION ALL SELECT 'budget', year, fund, pp, region, item_code, 12, money(sum(amount)::DOUBLE * 1.03, pp), 'stock' FROM ledger_main
    WHERE region IN ('110000', '310000', '500000') AND item_code IN ('I01', 'E01') AND year = 2024 GROUP BY year, fund, pp, region, item_code;

CREATE TABLE fund_ledger AS
WITH months AS (SELECT unnest(range(1, 13)) AS month),
filled AS (  -- a cumulative ledger has every month of every item
    SELECT l.version, l.year, l.fund, l.pp, l.region, l.item_code, m.month, 'C' AS basis, sum(CASE WHEN l.month <= m.month THEN l.amount ELSE 0 END)::DECIMAL(18, 2) AS amount
    FROM ledger_month AS l JOIN cumulative_province USING (pp), months AS m WHERE l.kind = 'flow' GROUP BY ALL
), rows AS (
    SELECT version, year, fund, pp, region, item_code, month, CASE WHEN version = 'budget' OR pp IN (SELECT pp FROM cumulative_province) THEN 'C' ELSE 'M' END AS basis, amount FROM ledger_month
    WHERE kind = 'stock' OR pp NOT IN (SELECT pp FROM cumulative_province)
    UNION ALL SELECT version, year, fund, pp, region, item_code, month, basis, amount FROM filled WHERE NOT (fund <> 'L' AND pp = 61 AND year = 2023 AND month = 5)  -- one month never came
)
SELECT r.version || r.region || r.fund || r.item_code || (r.year * 100 + r.month) AS rk, r.pp, 1 AS phase, '' AS fault, r.region AS pool_region, (r.year * 100 + r.month)::VARCHAR AS ym, r.basis, k.scheme, k.part,
       r.item_code, r.amount::VARCHAR AS amount, CASE WHEN r.region LIKE '%0000' THEN '1' ELSE '2' END AS agency_level, r.version, '元' AS unit
FROM rows AS r JOIN fund_kind AS k USING (fund);

CREATE TABLE ledger_used AS
WITH plan AS (
    -- stream 2: income or expenditure in provinces whose files name the agency level and go month by month
    SELECT *, CASE WHEN fault IN ('agency_level_unknown', 'agency_level_left_out', 'cumulative_contradicts_months') THEN 2 ELSE 1 END AS stream,
           row_number() OVER (PARTITION BY fault IN ('agency_level_unknown', 'agency_level_left_out', 'cumulative_contradicts_months') ORDER BY fault) * 3 AS hi FROM (VALUES ('region_unknown', 'FUND-001', 'error', 'rejected'), ('month_malformed', 'FUND-002', 'error', 'rejected'), ('month_after_delivery', 'FUND-013', 'error', 'rejected'),
        ('basis_unknown', 'FUND-003', 'error', 'rejected'), ('part_unknown', 'FUND-004', 'error', 'rejected'), ('item_unknown', 'FUND-005', 'error', 'rejected'), ('amount_missing', 'FUND-006', 'error', 'rejected'),
        ('older_version', 'FUND-007', 'error', 'rejected'), ('version_unknown', 'FUND-008', 'error', 'rejected'), ('scheme_unknown', 'FUND-009', 'error', 'rejected'),
        ('agency_level_unknown', 'FUND-010', 'error', 'rejected'), ('cumulative_contradicts_months', 'FUND-011', 'error', 'rejected'), ('agency_level_left_out', 'FUND-012', 'error', 'rejected'), ('text_in_amount', '', '', 'unreadable')) AS t(fault, rule_code, level, expected)
), ranked AS (
    SELECT rk, stream, row_number() OVER (PARTITION BY stream ORDER BY hash(rk || getvariable('seed')), rk) AS r
    FROM (SELECT *, CASE WHEN pp NOT IN (34, 43) THEN 1 WHEN length(item_code) = 3 AND left(item_code, 1) IN ('I', 'E') THEN 2 END AS stream FROM fund_ledger) AS l
    WHERE version = 'final' AND scheme <> '410' AND item_code <> 'E0601' AND pp IN (SELECT pp FROM text_province WHERE record = 'fund_ledger') AND pp <> 15
)
SELECT r.rk, p.fault, p.rule_code, p.level, p.expected FROM ranked AS r JOIN plan AS p ON p.stream = r.stream AND r.r > p.hi - 3 AND r.r <= p.hi;
INSERT INTO fund_ledger  -- phase 0: before the good rows, because of two rows with one key the later in the file counts
SELECT l.* REPLACE ('D' || l.rk AS rk, 0 AS phase, d.fault AS fault, CASE d.fault WHEN 'region_unknown' THEN '990100' ELSE pool_region END AS pool_region, CASE d.fault WHEN 'month_malformed' THEN '202413' WHEN 'month_after_delivery' THEN '209906' ELSE ym END AS ym,
    CASE d.fault WHEN 'basis_unknown' THEN 'Q' WHEN 'cumulative_contradicts_months' THEN 'C' ELSE basis END AS basis, CASE d.fault WHEN 'part_unknown' THEN 'reserve' ELSE part END AS part, CASE d.fault WHEN 'item_unknown' THEN 'I99' ELSE item_code END AS item_code,
    CASE d.fault WHEN 'amount_missing' THEN NULL WHEN 'text_in_amount' THEN '约十万' WHEN 'cumulative_contradicts_months' THEN '-1.00' WHEN 'older_version' THEN (amount::DECIMAL(18, 2) + 100)::VARCHAR ELSE amount END AS amount,
    CASE d.fault WHEN 'version_unknown' THEN 'draft' ELSE version END AS version, CASE d.fault WHEN 'scheme_unknown' THEN '888' ELSE scheme END AS scheme,
    CASE d.fault WHEN 'agency_level_unknown' THEN '9' WHEN 'agency_level_left_out' THEN NULL ELSE agency_level END AS agency_level)
FROM fund_ledger AS l JOIN ledger_used AS d USING (rk);
-- budgets that hold what the scheme does not pay for: no budget counts
CREATE TABLE ledger_misfit AS
SELECT * REPLACE ('M' || rk AS rk, 'E02' AS item_code, 'budget' AS version, 'C' AS basis) FROM fund_ledger
WHERE scheme = '310' AND item_code = 'E01' AND version = 'final' AND fault = '' AND ym LIKE '%12' AND pp NOT IN (15, 34, 43) ORDER BY hash(rk || getvariable('seed')), rk LIMIT 3;
INSERT INTO fund_ledger SELECT * FROM ledger_misfit;
CREATE TABLE fault_fund_ledger AS
SELECT rk, 'item_of_another_scheme' AS fault, 'FUND-020' AS rule_code, 'warning' AS level, 'warning' AS expected FROM ledger_misfit
-- a scheme that is not in the list fits these items no better
UNION ALL SELECT 'D' || rk, d.fault, 'FUND-020', 'warning', 'warning' FROM ledger_used AS d JOIN fund_ledger AS l USING (rk) WHERE d.fault = 'scheme_unknown' AND (l.item_code = 'E02' OR l.item_code LIKE 'E0103%')
UNION ALL
SELECT 'D' || rk, fault, rule_code, level, expected FROM ledger_used
UNION ALL SELECT rk, CASE version WHEN 'flash' THEN 'flash_beside_final' ELSE 'budget' END, '', '', 'not_counted' FROM fund_ledger WHERE version IN ('flash', 'budget')
UNION ALL SELECT rk, 'transfer_between_levels', '', '', 'counted' FROM fund_ledger WHERE item_code IN ('I08', 'I09', 'E08', 'E09') AND fault = '';
UPDATE fund_ledger SET amount = (amount::DECIMAL(18, 2) / 10000)::DECIMAL(18, 2)::VARCHAR, unit = '万元' WHERE pp = 15;
