-- Benefits paid outside a settlement: long-term care, a row a person, month and mode.
INSERT INTO particular VALUES ('benefit_payment', 37, 'total_row'), ('benefit_payment', 44, 'total_row'), ('benefit_payment', 32, 'control');
INSERT INTO left_out SELECT 'benefit_payment', unnest(['chinese', 'interface']), 'rid';

-- ---------------------------------------------------------------- persons in care, by region, year and mode
CREATE TABLE care_mode AS SELECT * FROM (VALUES ('institution', '1', 'LT10', 0.28, 60), ('home_visit', '2', 'LT20', 0.38, 50), ('family', '3', 'LT30', 0.34, 25)) AS t(mode, code, benefit, share, rate);
CREATE TABLE care_part AS
WITH t AS (SELECT * FROM ltc_total('ltci_beneficiaries') WHERE year BETWEEN getvariable('first_year') AND getvariable('last_year') AND value > 0)
SELECT year, programme, mode AS part, floor(value * share)::BIGINT + CASE mode WHEN 'family' THEN value - sum(floor(value * share)) OVER (PARTITION BY year, programme) ELSE 0 END::BIGINT AS value
FROM t, care_mode;

-- one of those cared for at home in the main region stands alone, weighs 1, and makes the amounts exact
CREATE TABLE care_cell AS
WITH spread AS (SELECT * FROM ltc_spread('care_part')),
cells AS (
    SELECT * REPLACE (value - CASE WHEN main AND part = 'home_visit' THEN 1 ELSE 0 END AS value), false AS correcting FROM spread
    UNION ALL
    SELECT * REPLACE (1 AS value), true FROM spread WHERE main AND part = 'home_visit'
), counted AS (SELECT *, greatest(1, round(value / greatest(1, getvariable('scale') // 20)))::BIGINT AS n FROM cells WHERE value > 0),
-- the persons of a region and mode are the same from year to year
persons AS (SELECT pp, code, part, correcting, max(n) AS n FROM counted GROUP BY ALL),
slots AS (SELECT *, (sum(n) OVER (PARTITION BY pp ORDER BY code, part, correcting) - n)::BIGINT AS slot0 FROM persons)
SELECT c.*, s.slot0 FROM counted AS c JOIN slots AS s ON s.pp = c.pp AND s.code = c.code AND s.part = c.part AND s.correcting = c.correcting;

CREATE TABLE care_row AS
WITH rows AS (SELECT *, unnest(range(n)) AS j FROM care_cell)
SELECT year, programme, code, pp, part AS mode, correcting, 2 AS kind, slot0 + j AS slot, homes[1 + (slot0 + j) % len(homes)] AS home,
       CASE j WHEN 0 THEN value - (n - 1) * (value // n) ELSE value // n END AS weight
FROM rows;
CREATE TABLE care AS
WITH p AS (
    SELECT r.*, y.first_month, CASE r.programme WHEN 'ltc' THEN 3 ELSE 6 END + pick(u(r.pkey, 400 + r.year % 100), 7) AS drawn
    FROM further_person('care_row') AS r JOIN ltc_year AS y ON y.year = r.year AND y.code = r.code
), counted AS (SELECT *, CASE WHEN correcting THEN 1 ELSE least(drawn, 13 - first_month) END AS months FROM p)
SELECT * EXCLUDE (drawn), first_month + pick(u(pkey, 430 + year % 100), 14 - first_month - months) AS month0, (2 + pick(u(pkey, 320), 4))::VARCHAR AS grade,
       CASE WHEN u(pkey, 24) < 0.5 THEN CASE WHEN u(pkey, 25) < 0.9 THEN '1201' ELSE '1101' END ELSE CASE WHEN u(pkey, 25) < 0.8 THEN '16' ELSE '1501' END END AS psn_type
FROM counted;

-- a few persons whose assessment never came: of the regions that begin last, who have few payments
CREATE TABLE care_unassessed AS
SELECT pkey FROM (SELECT pkey, row_number() OVER (ORDER BY min(year) DESC, u(pkey, 321), pkey) AS r FROM care WHERE NOT correcting GROUP BY pkey) WHERE r <= 3;

-- ---------------------------------------------------------------- payments: days of care at the region's daily standard; what its book has besides goes to devices
-- Pilots set the standard by mode and grade, the others by mode alone ('' for every grade). What a region has made public stands as it is.
CREATE TABLE care_made_public AS SELECT * FROM (VALUES ('321100', 'institution', 50.00), ('321100', 'family', 10.00)) AS t(code, mode, standard);
CREATE TABLE care_grade AS SELECT * FROM (VALUES ('', 1.0), ('2', 0.8), ('3', 1.0), ('4', 1.2), ('5', 1.4)) AS t(standard_grade, size);
CREATE TABLE care_days AS
SELECT c.*, m.month, last_day(make_date(c.year, m.month, 1)) AS month_end, c.pkey * 100 + (c.year - 2020) * 12 + m.month AS rkey, k.code AS mode_code, k.benefit,
       CASE WHEN m.month = month0 AND months > 1 THEN 1 + pick(u(rkey, 322), day(month_end)::INTEGER) ELSE day(month_end) END::INTEGER AS days,
       g.standard_grade, k.rate * g.size AS rate
FROM care AS c JOIN (SELECT unnest(range(1, 13))::INTEGER AS month) AS m ON m.month >= c.month0 AND m.month < c.month0 + c.months JOIN care_mode AS k ON k.mode = c.mode
JOIN care_grade AS g ON g.standard_grade = CASE c.programme WHEN 'ltc_pilot' THEN c.grade ELSE '' END;
CREATE TABLE care_book AS SELECT year, region AS code, sum(amount) AS paid FROM ltc_book WHERE item_code = 'E01' GROUP BY ALL;
CREATE TABLE care_standard AS
WITH sums AS (
    SELECT d.year, d.code, sum(CASE WHEN p.code IS NULL THEN d.days * d.rate * d.weight ELSE 0 END) AS rated, sum(coalesce(d.days * p.standard * d.weight, 0)) AS set_already
    FROM care_days AS d LEFT JOIN care_made_public AS p ON p.code = d.code AND p.mode = d.mode GROUP BY ALL
), factor AS (SELECT year, code, (0.995 * b.paid - s.set_already) / s.rated AS factor FROM sums AS s JOIN care_book AS b USING (year, code))
SELECT y.year, y.code, y.pp, y.first_month, k.mode, g.standard_grade, coalesce(p.standard, round(k.rate * g.size * f.factor, 2))::DECIMAL(12, 2) AS standard, p.code IS NOT NULL AS made_public
FROM ltc_year AS y JOIN factor AS f USING (year, code) CROSS JOIN care_mode AS k
JOIN care_grade AS g ON (g.standard_grade = '') = (y.programme <> 'ltc_pilot') LEFT JOIN care_made_public AS p ON p.code = y.code AND p.mode = k.mode;

CREATE TABLE care_payment AS
WITH in_care AS (
    SELECT d.*, s.standard, (d.days * s.standard)::DECIMAL(16, 2) AS amount FROM care_days AS d JOIN care_standard AS s USING (year, code, mode, standard_grade)
), device AS (  -- of some, and of one in every region; the person who stands alone has what rounding leaves
    SELECT * EXCLUDE (turn) FROM (
        SELECT d.*, row_number() OVER (PARTITION BY year, code, correcting ORDER BY u(pkey, 326), pkey) AS turn FROM care_days AS d
        WHERE month = month0 AND pkey NOT IN (SELECT pkey FROM care_unassessed)
    ) WHERE correcting OR turn = 1 OR u(pkey, 323) < 0.04
), spent AS (SELECT year, code, sum(amount * weight) AS paid FROM in_care GROUP BY ALL),
share AS (SELECT year, code, sum(weight) AS weight, bool_or(correcting) AS main FROM device GROUP BY ALL),
-- never more than the book has; the person who stands alone gets some hundred yuan at least
each AS (
    SELECT s.year, s.code, (floor((b.paid - p.paid - CASE WHEN s.main THEN 500 ELSE 0 END) * 100 / (s.weight - CASE WHEN s.main THEN 1 ELSE 0 END)) / 100)::DECIMAL(16, 2) AS amount
    FROM share AS s JOIN care_book AS b USING (year, code) JOIN spent AS p USING (year, code)
), devices AS (SELECT d.*, e.amount FROM device AS d JOIN each AS e USING (year, code) WHERE NOT d.correcting),
rest AS (
    SELECT y.year, y.programme, sum(b.paid - p.paid - coalesce(v.paid, 0)) AS rest
    FROM care_book AS b JOIN ltc_year AS y USING (year, code) JOIN spent AS p USING (year, code) LEFT JOIN (SELECT year, code, sum(amount * weight) AS paid FROM devices GROUP BY ALL) AS v USING (year, code)
    GROUP BY ALL
)
SELECT * FROM in_care
UNION ALL BY NAME
SELECT * REPLACE (NULL AS mode_code, 'LT40' AS benefit, NULL::INTEGER AS days) FROM devices
UNION ALL BY NAME
SELECT d.* REPLACE (NULL AS mode_code, 'LT40' AS benefit, NULL::INTEGER AS days), r.rest::DECIMAL(16, 2) AS amount FROM device AS d JOIN rest AS r USING (year, programme) WHERE d.correcting;

CREATE TABLE bpay AS
SELECT 'B' || rkey || benefit AS rk, pp, 1 AS phase, '' AS fault, rkey, pkey, year, month = month0 AND days < day(month_end) AS partial, correcting OR benefit = 'LT40' AS apart,
       'LP' || rkey || benefit AS pay_id, NULL::VARCHAR AS init_pay_id, benefit AS bnft_type, '410' AS insutype, home AS insu_admdvs, strftime(month_end, '%Y%m') AS trt_ym,
       CASE WHEN month = 12 AND year = getvariable('last_year') THEN month_end - 3 ELSE month_end + 8 + pick(u(rkey, 324), 10) END::TIMESTAMP + to_seconds(32400 + pick(u(rkey, 325), 20000)) AS pay_time,
       amount AS fund_pay_amt, psn_no, '01' AS psn_cert_type, certno, psn_type, NULL::VARCHAR AS psn_idet_type,
       (amount * CASE mode_code WHEN '1' THEN 0.3 WHEN '2' THEN 0.1 ELSE 0 END)::DECIMAL(16, 2) AS psn_pay_amt, days AS day_cnt, standard::DECIMAL(12, 4) AS std_amt, mode_code AS svc_mode,
       grade AS disab_lv, NULL::VARCHAR AS matn_type, NULL::DATE AS birctrl_matn_date, NULL::VARCHAR AS setl_id, NULL::VARCHAR AS mdtrt_id,
       CASE WHEN mode_code IN ('1', '2') THEN (SELECT min(number) FROM ltc_institution AS i WHERE i.code = care_payment.code AND i.ends IS NULL) END AS org_code, NULL::DECIMAL(12, 2) AS head_cnt,
       '1' AS vali_flag, 'TL' || rkey || benefit AS rid, (month_end + 40)::TIMESTAMP + to_hours(6) AS updt_time, weight::VARCHAR AS weight
FROM care_payment;

-- ---------------------------------------------------------------- what is planted
-- stream 1: a person's last month of a year, whole; 2: the first, in part, where five further days fit in; a person once
CREATE TABLE bpay_plan AS
SELECT stream, fault, rule_code, level, expected, greatest(3, round(share * (SELECT count(*) FROM bpay)))::BIGINT AS k
FROM (VALUES
    -- in place, neutral for persons and amounts
    (1, 'standard_differs', 'BPAY-014', 'warning', 'warning', 0.0005), (1, 'paid_before_the_month', 'BPAY-015', 'warning', 'warning', 0.0005), (1, 'two_modes_one_month', 'BPAY-017', 'warning', 'warning', 0.001),
    -- a further payment and its cancelling
    (2, 'allowance_days_14', 'BPAY-018', 'warning', 'warning', 0.0002), (2, 'allowance_without_birth', 'BPAY-019', 'warning', 'warning', 0.0002),
    (2, 'cancelled_payment', '', '', 'netted', 0.002), (2, 'cancelled_twice', 'BPAY-011', 'error', 'rejected', 0.0003), (2, 'wrong_check_digit', 'BPAY-021', 'warning', 'warning', 0.0005),
    -- further rows that are rejected or do not count
    (2, 'cancelling_not_equal', 'BPAY-011', 'error', 'rejected', 0.0003), (2, 'cancelling_without_original', 'BPAY-011', 'error', 'rejected', 0.0003), (2, 'not_valid', '', '', 'not_counted', 0.0005),
    (2, 'key_missing', 'BPAY-001', 'error', 'rejected', 0.0002), (2, 'region_unknown', 'BPAY-002', 'error', 'rejected', 0.0002), (2, 'region_missing', 'BPAY-002', 'error', 'rejected', 0.0002),
    (2, 'month_malformed', 'BPAY-003', 'error', 'rejected', 0.0002), (2, 'time_missing', 'BPAY-003', 'error', 'rejected', 0.0002), (2, 'time_before_2000', 'BPAY-003', 'error', 'rejected', 0.0002),
    (1, 'older_version', 'BPAY-004', 'error', 'rejected', 0.0005), (2, 'benefit_unknown', 'BPAY-005', 'error', 'rejected', 0.0002), (2, 'insutype_unknown', 'BPAY-006', 'error', 'rejected', 0.0002),
    (2, 'benefit_of_another_scheme', 'BPAY-007', 'error', 'rejected', 0.0002), (2, 'amount_missing', 'BPAY-008', 'error', 'rejected', 0.0002), (2, 'negative_without_original', 'BPAY-009', 'error', 'rejected', 0.0002),
    (2, 'no_person', 'BPAY-010', 'error', 'rejected', 0.0002), (2, 'mode_missing', 'BPAY-012', 'error', 'rejected', 0.0003), (2, 'benefit_days_32', 'BPAY-013', 'error', 'rejected', 0.0003),
    (2, 'no_heads', 'BPAY-020', 'error', 'rejected', 0.0002),
    (3, 'impossible_date', '', '', 'unreadable', 0.0002), (3, 'text_in_amount', '', '', 'unreadable', 0.0002)
) AS t(stream, fault, rule_code, level, expected, share);
CREATE TABLE bpay_used AS
WITH candidate AS (
    SELECT rk, pkey, rkey, CASE WHEN NOT partial THEN 1 WHEN pp IN (SELECT pp FROM text_province WHERE record = 'benefit_payment') AND u(rkey, 903) < 0.2 THEN 3 ELSE 2 END AS stream
    FROM (SELECT *, row_number() OVER (PARTITION BY pkey, year ORDER BY rkey DESC) = 1 AS last FROM bpay WHERE NOT apart) WHERE partial AND day_cnt <= 15 OR last AND NOT partial AND day_cnt >= 28
), once AS (SELECT * FROM candidate WHERE pkey NOT IN (SELECT pkey FROM care_unassessed) QUALIFY row_number() OVER (PARTITION BY pkey ORDER BY u(rkey, 900), rkey) = 1),
ranked AS (SELECT rk, stream, row_number() OVER (PARTITION BY stream ORDER BY u(rkey, 901), rkey) AS r FROM once),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM bpay_plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;

-- in place: 31 days become 20 in the mode and 15 of the family's care, for the same money; a rate that does not fit; a payment before its month
CREATE TABLE bpay_second AS
SELECT b.* REPLACE ('C' || substr(b.rk, 2) AS rk, 'C' || substr(b.pay_id, 2) AS pay_id, 'C' || substr(b.rid, 2) AS rid, 'LT30' AS bnft_type, '3' AS svc_mode, 15 AS day_cnt,
    (b.fund_pay_amt / 4)::DECIMAL(16, 2) AS fund_pay_amt, ((b.fund_pay_amt / 4)::DECIMAL(16, 2) / 15)::DECIMAL(12, 4) AS std_amt, 0 AS psn_pay_amt, NULL AS org_code)
FROM bpay AS b JOIN bpay_used AS d USING (rk) WHERE d.fault = 'two_modes_one_month';
UPDATE bpay AS b SET
    day_cnt = CASE d.fault WHEN 'two_modes_one_month' THEN 20 ELSE b.day_cnt END,
    fund_pay_amt = CASE d.fault WHEN 'two_modes_one_month' THEN b.fund_pay_amt - (b.fund_pay_amt / 4)::DECIMAL(16, 2) ELSE b.fund_pay_amt END,
    std_amt = CASE d.fault WHEN 'two_modes_one_month' THEN ((b.fund_pay_amt - (b.fund_pay_amt / 4)::DECIMAL(16, 2)) / 20)::DECIMAL(12, 4) WHEN 'standard_differs' THEN b.std_amt + 2 ELSE b.std_amt END,
    pay_time = CASE d.fault WHEN 'paid_before_the_month' THEN strptime(b.trt_ym || '01', '%Y%m%d') - INTERVAL 9 DAY ELSE b.pay_time END
FROM bpay_used AS d WHERE d.rk = b.rk AND d.fault IN ('two_modes_one_month', 'standard_differs', 'paid_before_the_month');
INSERT INTO bpay SELECT * FROM bpay_second;

-- a further payment of five days, what cancels it or what is wrong with it; some are no long-term care (one whose certificate is wrong would have no assessment)
CREATE TABLE bpay_lot AS
SELECT b.* REPLACE (d.fault AS fault, CASE d.fault WHEN 'older_version' THEN b.day_cnt - 1 ELSE 5 END AS day_cnt,
    CASE d.fault WHEN 'older_version' THEN (b.day_cnt - 1) * b.std_amt ELSE 5 * b.std_amt END::DECIMAL(16, 2) AS fund_pay_amt,
    CASE d.fault WHEN 'wrong_check_digit' THEN left(b.certno, 17) || CASE right(b.certno, 1) WHEN '3' THEN '7' ELSE '3' END ELSE b.certno END AS certno)
FROM bpay AS b JOIN bpay_used AS d USING (rk) WHERE d.fault NOT IN ('two_modes_one_month', 'standard_differs', 'paid_before_the_month');
UPDATE bpay_lot SET svc_mode = NULL, disab_lv = NULL, org_code = NULL,
    bnft_type = CASE fault WHEN 'wrong_check_digit' THEN 'MA20' WHEN 'no_heads' THEN 'CP10' ELSE 'MT10' END, insutype = CASE fault WHEN 'wrong_check_digit' THEN 'assistance' ELSE '310' END,
    day_cnt = CASE fault WHEN 'allowance_days_14' THEN 14 WHEN 'allowance_without_birth' THEN 98 END, std_amt = CASE WHEN starts_with(fault, 'allowance') THEN std_amt END,
    fund_pay_amt = CASE fault WHEN 'allowance_days_14' THEN (14 * std_amt)::DECIMAL(16, 2) WHEN 'allowance_without_birth' THEN (98 * std_amt)::DECIMAL(16, 2) ELSE fund_pay_amt END,
    birctrl_matn_date = CASE fault WHEN 'allowance_days_14' THEN pay_time::DATE - 90 END
WHERE fault IN ('wrong_check_digit', 'no_heads', 'allowance_days_14', 'allowance_without_birth');
CREATE TABLE bpay_pair AS SELECT unnest(['cancelled_payment', 'cancelled_twice', 'wrong_check_digit', 'allowance_days_14', 'allowance_without_birth']) AS fault;
INSERT INTO bpay
SELECT * REPLACE ('N' || substr(rk, 2) AS rk, 'N' || pay_id AS pay_id, 'N' || rid AS rid) FROM bpay_lot WHERE fault IN (SELECT fault FROM bpay_pair)
UNION ALL
SELECT * REPLACE ('F' || substr(rk, 2) AS rk, 'F' || pay_id AS pay_id, 'F' || rid AS rid, 'N' || pay_id AS init_pay_id, -fund_pay_amt AS fund_pay_amt, -psn_pay_amt AS psn_pay_amt,
    pay_time + CASE WHEN year < getvariable('last_year') THEN INTERVAL 11 MONTH ELSE INTERVAL 1 DAY END AS pay_time)  -- in a later year than that of the care
FROM bpay_lot WHERE fault IN (SELECT fault FROM bpay_pair)
UNION ALL
SELECT * REPLACE ('G' || substr(rk, 2) AS rk, 'G' || pay_id AS pay_id, 'G' || rid AS rid, 'N' || pay_id AS init_pay_id, -fund_pay_amt AS fund_pay_amt, -psn_pay_amt AS psn_pay_amt, pay_time + CASE WHEN year < getvariable('last_year') THEN INTERVAL 11 MONTH ELSE INTERVAL 0 DAY END + INTERVAL 2 DAY AS pay_time)
FROM bpay_lot WHERE fault = 'cancelled_twice';
INSERT INTO bpay
SELECT * REPLACE ('D' || substr(rk, 2) AS rk, CASE fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN pay_id ELSE 'D' || pay_id END AS pay_id,
    CASE fault WHEN 'key_missing' THEN NULL WHEN 'older_version' THEN rid ELSE 'D' || rid END AS rid,
    -- one that cancels the person's own payment of another number of days, one that cancels what is not there
    CASE fault WHEN 'cancelling_not_equal' THEN pay_id WHEN 'cancelling_without_original' THEN 'X' || pay_id END AS init_pay_id,
    CASE fault WHEN 'older_version' THEN updt_time - INTERVAL 20 DAY ELSE updt_time END AS updt_time,
    CASE fault WHEN 'region_unknown' THEN '990100' WHEN 'region_missing' THEN NULL ELSE insu_admdvs END AS insu_admdvs,
    CASE fault WHEN 'month_malformed' THEN left(trt_ym, 4) || '13' ELSE trt_ym END AS trt_ym,
    CASE fault WHEN 'time_missing' THEN NULL WHEN 'time_before_2000' THEN TIMESTAMP '1999-05-01 10:00:00' ELSE pay_time END AS pay_time,
    CASE fault WHEN 'benefit_unknown' THEN 'ZZ10' ELSE bnft_type END AS bnft_type, CASE fault WHEN 'insutype_unknown' THEN '888' WHEN 'benefit_unknown' THEN '390' WHEN 'benefit_of_another_scheme' THEN '390' ELSE insutype END AS insutype,
    CASE WHEN fault = 'amount_missing' THEN NULL WHEN fault IN ('negative_without_original', 'cancelling_not_equal', 'cancelling_without_original') THEN -fund_pay_amt ELSE fund_pay_amt END AS fund_pay_amt,
    CASE fault WHEN 'no_person' THEN NULL ELSE psn_no END AS psn_no, CASE fault WHEN 'no_person' THEN NULL ELSE certno END AS certno,
    CASE fault WHEN 'mode_missing' THEN NULL ELSE svc_mode END AS svc_mode,
    CASE fault WHEN 'benefit_days_32' THEN 32 ELSE day_cnt END AS day_cnt, CASE fault WHEN 'benefit_days_32' THEN (fund_pay_amt / 32)::DECIMAL(12, 4) ELSE std_amt END AS std_amt,
    CASE fault WHEN 'not_valid' THEN '0' ELSE vali_flag END AS vali_flag)
FROM bpay_lot WHERE fault NOT IN (SELECT fault FROM bpay_pair);

CREATE TABLE fault_benefit_payment AS
WITH lot AS (SELECT substr(rk, 2) AS k, * EXCLUDE (rk) FROM bpay_used)
SELECT 'B' || k AS rk, fault, rule_code, level, expected FROM lot WHERE fault IN ('standard_differs', 'paid_before_the_month', 'two_modes_one_month')
UNION ALL SELECT 'C' || k, fault, rule_code, level, expected FROM lot WHERE fault = 'two_modes_one_month'
UNION ALL SELECT p || k, fault, '', '', 'netted' FROM lot, (VALUES ('N'), ('F')) AS t(p) WHERE fault IN (SELECT fault FROM bpay_pair)
UNION ALL SELECT p || k, fault, rule_code, level, expected FROM lot, (VALUES ('N'), ('F')) AS t(p) WHERE rule_code IN ('BPAY-018', 'BPAY-019', 'BPAY-021')
UNION ALL SELECT 'G' || k, fault, rule_code, level, expected FROM lot WHERE fault = 'cancelled_twice'
UNION ALL SELECT 'D' || k, fault, rule_code, level, expected FROM lot WHERE expected IN ('rejected', 'not_counted', 'unreadable') AND fault <> 'cancelled_twice'
-- an insurance type that is not in the list fits no benefit either
UNION ALL SELECT 'D' || k, fault, 'BPAY-007', level, expected FROM lot WHERE fault = 'insutype_unknown'
-- what was paid before 2000 was paid before its month
UNION ALL SELECT 'D' || k, fault, 'BPAY-015', 'warning', 'warning' FROM lot WHERE fault = 'time_before_2000'
UNION ALL SELECT rk, 'no_assessment', 'BPAY-016', 'warning', 'warning' FROM bpay WHERE rk LIKE 'B%' AND pkey IN (SELECT pkey FROM care_unassessed)
UNION ALL SELECT rk, 'paid_next_year', '', '', 'counted' FROM bpay WHERE rk LIKE 'B%' AND year(pay_time) > year;

CREATE TABLE benefit_payment AS
SELECT rk, pp, phase, COLUMNS(LAMBDA c: c NOT IN ('rk', 'pp', 'phase', 'fault', 'rkey', 'pkey', 'year', 'partial', 'apart', 'pay_time', 'fund_pay_amt'))::VARCHAR,
       CASE WHEN fault = 'impossible_date' AND rk LIKE 'D%' THEN '2023-02-30 10:15:00' ELSE pay_time::VARCHAR END AS pay_time,
       CASE WHEN fault = 'text_in_amount' AND rk LIKE 'D%' THEN '三千元' ELSE fund_pay_amt::VARCHAR END AS fund_pay_amt
FROM bpay;
