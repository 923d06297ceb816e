-- Values that policies set: those that are public, and the daily standards of long-term care by which the benefits of the sample are paid.
INSERT INTO particular VALUES ('policy_parameter', 32, 'total_row'), ('policy_parameter', 51, 'total_row');

CREATE TABLE policy_made_public AS
SELECT * FROM (VALUES
    ('national-2024-38', '100000', 'continuity', 'base_cap', '300000', 'yuan', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'free_years', '4', 'years', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'step_year', '1000', 'yuan', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'step_zero', '1000', 'yuan', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'reward_limit_pct', '20', 'percent', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'gap_step', '0', 'yuan', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'gap_limit_pct', '20', 'percent', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'count_from_year', '2025', 'year', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'reset_zero_on_use', '1', 'flag', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'fixed_wait', '3', 'months', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'var_wait', '1', 'months', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'first_gap_year_counts', '1', 'flag', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'gap_in_window_waits', '1', 'flag', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'repair_month_per_year', '1', 'months', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('national-2024-38', '100000', 'continuity', 'long_gap_years', '4', 'years', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'), ('national-2024-38', '100000', 'continuity', 'min_wait_long_gap', '6', 'months', '2025-01-01', NULL, 'in_force', '国办发〔2024〕38号'),
    ('sichuan-draft-2025', '510000', 'continuity', 'base_cap', '300000', 'yuan', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'free_years', '4', 'years', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'step_year', '4000', 'yuan', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'step_zero', '4000', 'yuan', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'reward_limit_pct', '20', 'percent', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'gap_step', '4000', 'yuan', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'gap_limit_pct', '20', 'percent', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'count_from_year', '2025', 'year', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'reset_zero_on_use', '0', 'flag', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'fixed_wait', '3', 'months', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'var_wait', '1', 'months', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'first_gap_year_counts', '0', 'flag', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'gap_in_window_waits', '1', 'flag', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'repair_month_per_year', '1', 'months', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sichuan-draft-2025', '510000', 'continuity', 'long_gap_years', '4', 'years', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'), ('sichuan-draft-2025', '510000', 'continuity', 'min_wait_long_gap', '6', 'months', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('sample-trial', '360000', 'continuity', 'base_cap', '300000', 'yuan', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'free_years', '4', 'years', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'step_year', '4000', 'yuan', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'step_zero', '4000', 'yuan', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'reward_limit_pct', '20', 'percent', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'gap_step', '4000', 'yuan', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'gap_limit_pct', '20', 'percent', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'count_from_year', '2016', 'year', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'reset_zero_on_use', '1', 'flag', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'fixed_wait', '3', 'months', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'var_wait', '1', 'months', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'first_gap_year_counts', '1', 'flag', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'gap_in_window_waits', '1', 'flag', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'repair_month_per_year', '1', 'months', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('sample-trial', '360000', 'continuity', 'long_gap_years', '4', 'years', '2025-01-01', NULL, 'assumption', '合成样例'), ('sample-trial', '360000', 'continuity', 'min_wait_long_gap', '6', 'months', '2025-01-01', NULL, 'assumption', '合成样例'),
    ('national-standard', '100000', 'resident_standard', 'personal', '400', 'yuan', '2024-01-01', '2025-01-01', 'in_force', '全国居民医保筹资标准（公开数）'),
    ('national-standard', '100000', 'resident_standard', 'subsidy', '670', 'yuan', '2024-01-01', '2025-01-01', 'in_force', '全国居民医保筹资标准（公开数）'),
    ('national-standard', '100000', 'resident_standard', 'personal', '400', 'yuan', '2025-01-01', '2026-01-01', 'in_force', '2025-news-resident-per_capita_financing (1100)'),
    ('national-standard', '100000', 'resident_standard', 'subsidy', '700', 'yuan', '2025-01-01', '2026-01-01', 'in_force', '2025-news-resident-per_capita_subsidy'),
    ('qinghai-2026', '630000', 'resident_standard', 'personal', '400', 'yuan', '2026-01-01', '2027-01-01', 'in_force', '青海省税务局、医疗保障局通告 2025-10-01'),
    ('qinghai-2026', '630000', 'window', 'window_begin.2026', '20251021', 'date', '2025-10-21', NULL, 'in_force', '青海省税务局、医疗保障局通告 2025-10-01'),
    ('qinghai-2026', '630000', 'window', 'window_end.2026', '20260228', 'date', '2025-10-21', NULL, 'in_force', '青海省税务局、医疗保障局通告 2025-10-01'),
    ('jiangxi-2025', '360000', 'resident_standard', 'personal', '400', 'yuan', '2025-01-01', '2026-01-01', 'in_force', '江西省居民医保筹资标准（公开数）'),
    ('jiangxi-2025', '360000', 'resident_standard', 'subsidy', '670', 'yuan', '2025-01-01', '2026-01-01', 'in_force', '江西省居民医保筹资标准（公开数）'), ('sichuan-draft-2025', '510000', 'serious_illness', 'cap', '300000', 'yuan', '2025-01-01', NULL, 'draft', '四川征求意见稿 2025-07'),
    ('shandong-14', '370000', 'serious_illness', 'cap', '400000', 'yuan', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'), ('shandong-14', '370000', 'serious_illness', 'segment_ratio_min', '60', 'percent', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'),
    ('shandong-14', '370000', 'assistance', 'yearly_limit_min', '50000', 'yuan', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'), ('shandong-14', '370000', 'assistance', 'ratio_min', '70', 'percent', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'),
    ('shandong-14', '370000', 'outpatient', 'ordinary_ratio.primary_and_below', '65', 'percent', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'),
    ('shandong-14', '370000', 'outpatient', 'two_disease_ratio', '75', 'percent', '2021-01-01', NULL, 'in_force', '大众日报 2025-11-20'),
    ('national-assistance', '100000', 'assistance', 'ratio_min.min_allowance', '70', 'percent', '2021-01-01', NULL, 'in_force', '全国医疗救助标准（公开数）'),
    ('national-assistance', '100000', 'assistance', 'ratio_min.extreme_poverty', '70', 'percent', '2021-01-01', NULL, 'in_force', '全国医疗救助标准（公开数）'),
    ('zhenjiang-ltc', '321100', 'ltc', 'daily_benefit.institution', '50', 'yuan_per_day', '2023-10-01', NULL, 'in_force', '新华日报 2025-07-15'),
    ('zhenjiang-ltc', '321100', 'ltc', 'daily_benefit.family', '10', 'yuan_per_day', '2023-10-01', NULL, 'in_force', '新华日报 2025-07-15'), ('zhenjiang-ltc', '321100', 'ltc', 'residents_from', '20250701', 'date', '2025-07-01', NULL, 'in_force', '新华日报 2025-07-15'),
    ('case-plan-2021', '100000', 'case_payment', 'fund_share_target.2022', '30', 'percent', '2022-01-01', '2023-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'fund_share_target.2023', '50', 'percent', '2023-01-01', '2024-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'fund_share_target.2024', '70', 'percent', '2024-01-01', NULL, 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'area_share_target.2022', '40', 'percent', '2022-01-01', '2023-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'institution_share_target.2022', '40', 'percent', '2022-01-01', '2023-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'area_share_target.2023', '70', 'percent', '2023-01-01', '2024-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'institution_share_target.2023', '70', 'percent', '2023-01-01', '2024-01-01', 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'area_share_target.2024', '100', 'percent', '2024-01-01', NULL, 'in_force', '医保发〔2021〕48号'),
    ('case-plan-2021', '100000', 'case_payment', 'institution_share_target.2024', '100', 'percent', '2024-01-01', NULL, 'in_force', '医保发〔2021〕48号'),
    ('case-interim-2025', '100000', 'case_payment', 'revision_years', '2', 'years', '2025-08-15', NULL, 'in_force', '医疗保障按病种付费管理暂行办法'),
    ('case-city-2025', '621000', 'case_payment', 'short_stay_days', '2', 'days', '2025-07-08', NULL, 'in_force', '庆阳市DRG付费结算及经办管理办法(2025版)'),
    ('case-city-2025', '621000', 'case_payment', 'long_stay_days', '60', 'days', '2025-07-08', NULL, 'in_force', '庆阳市DRG付费结算及经办管理办法(2025版)')
) AS t(rule_id, admdvs, topic, param, value, unit, valid_from, valid_to, status, document);

CREATE TABLE policy AS
WITH given AS (
    SELECT * REPLACE (valid_from::DATE AS valid_from, valid_to::DATE AS valid_to) FROM policy_made_public WHERE year(valid_from::DATE) <= getvariable('last_year') + 1
    UNION ALL BY NAME
    SELECT 'ltc-' || code || '-' || year AS rule_id, code AS admdvs, 'ltc' AS topic, 'daily_benefit.' || s.mode || coalesce('.' || g.word, '') AS param, standard::VARCHAR AS value, 'yuan_per_day' AS unit,
           make_date(year, first_month, 1) AS valid_from, CASE WHEN year < getvariable('last_year') THEN make_date(year + 1, 1, 1) END AS valid_to, 'in_force' AS status, '合成样例' AS document
    FROM care_standard AS s LEFT JOIN (VALUES ('2', 'moderate'), ('3', 'severe_1'), ('4', 'severe_2'), ('5', 'severe_3')) AS g(grade, word) ON g.grade = s.standard_grade
    WHERE NOT made_public
)
SELECT rule_id || param || valid_from AS rk, CASE admdvs WHEN '100000' THEN 11 ELSE left(admdvs, 2)::BIGINT END AS pp, 1 AS phase, '' AS fault,
       rule_id, admdvs, topic, param, value, unit, valid_from, valid_to, status, document, NULL::VARCHAR AS note, '1' AS vali_flag, (valid_from::TIMESTAMP + to_hours(9)) AS updt_time, '1' AS weight
FROM given;

-- ---------------------------------------------------------------- what is planted: further rows beside a standard in force; none that counts is one of long-term care
CREATE TABLE policy_used AS
WITH plan AS (
    SELECT *, 3 AS k FROM (VALUES
        (1, 'key_missing', 'PARM-001', 'error', 'rejected'), (1, 'region_unknown', 'PARM-002', 'error', 'rejected'), (1, 'begin_before_2000', 'PARM-003', 'error', 'rejected'), (1, 'older_version', 'PARM-004', 'error', 'rejected'),
        (1, 'topic_unknown', 'PARM-005', 'error', 'rejected'), (1, 'status_unknown', 'PARM-005', 'error', 'rejected'), (1, 'end_before_begin', 'PARM-006', 'error', 'rejected'),
        (1, 'growth_of_a_scenario_in_percent', 'PARM-007', 'error', 'rejected'), (1, 'overlapping_standard', 'PARM-008', 'error', 'rejected'), (1, 'document_missing', 'PARM-009', 'warning', 'warning'),
        (1, 'date_malformed', 'PARM-010', 'error', 'rejected'), (1, 'share_above_100', 'PARM-011', 'warning', 'warning'), (1, 'draft_standard', '', '', 'counted'), (1, 'not_valid', '', '', 'not_counted'),
        (2, 'impossible_date', '', '', 'unreadable'), (2, 'text_in_weight', '', '', 'unreadable')) AS t(stream, fault, rule_code, level, expected)
), candidate AS (
    SELECT rk, CASE WHEN pp IN (SELECT pp FROM text_province WHERE record = 'policy_parameter') AND hash(rk || getvariable('seed')) % 3 = 0 THEN 2 ELSE 1 END AS stream
    FROM policy WHERE rule_id LIKE 'ltc-%' AND valid_to IS NULL
), ranked AS (SELECT *, row_number() OVER (PARTITION BY stream ORDER BY hash(rk || getvariable('seed')), rk) AS r FROM candidate),
bounds AS (SELECT *, sum(k) OVER (PARTITION BY stream ORDER BY fault) AS hi FROM plan)
SELECT r.rk, b.fault, b.rule_code, b.level, b.expected FROM ranked AS r JOIN bounds AS b ON b.stream = r.stream AND r.r > b.hi - b.k AND r.r <= b.hi;
INSERT INTO policy
SELECT p.* REPLACE ('D' || p.rk AS rk, d.fault AS fault,
    CASE WHEN d.fault = 'key_missing' THEN NULL WHEN d.fault IN ('older_version', 'overlapping_standard') THEN rule_id ELSE 'D' || rule_id END AS rule_id,
    CASE d.fault WHEN 'region_unknown' THEN '990100' ELSE admdvs END AS admdvs,
    CASE d.fault WHEN 'topic_unknown' THEN 'weather' WHEN 'growth_of_a_scenario_in_percent' THEN 'projection' WHEN 'share_above_100' THEN 'assistance' ELSE topic END AS topic,
    CASE d.fault WHEN 'growth_of_a_scenario_in_percent' THEN 'g_retired' WHEN 'share_above_100' THEN 'ratio_min' WHEN 'document_missing' THEN 'residents_from' WHEN 'date_malformed' THEN 'residents_from' ELSE param END AS param,
    CASE d.fault WHEN 'growth_of_a_scenario_in_percent' THEN '4.5' WHEN 'share_above_100' THEN '170' WHEN 'document_missing' THEN '20250701' WHEN 'date_malformed' THEN '20250230' WHEN 'draft_standard' THEN '999.00' ELSE value END AS value,
    CASE d.fault WHEN 'growth_of_a_scenario_in_percent' THEN 'fraction' WHEN 'share_above_100' THEN 'percent' WHEN 'document_missing' THEN 'date' WHEN 'date_malformed' THEN 'date' ELSE unit END AS unit,
    CASE d.fault WHEN 'begin_before_2000' THEN DATE '1999-05-01' WHEN 'overlapping_standard' THEN valid_from + 20 WHEN 'draft_standard' THEN valid_from + 40 ELSE valid_from END::DATE AS valid_from,
    CASE d.fault WHEN 'end_before_begin' THEN valid_from - 10 ELSE valid_to END::DATE AS valid_to,
    CASE d.fault WHEN 'status_unknown' THEN 'repealed' WHEN 'draft_standard' THEN 'draft' ELSE status END AS status,
    CASE d.fault WHEN 'document_missing' THEN NULL ELSE document END AS document, CASE d.fault WHEN 'not_valid' THEN '0' ELSE vali_flag END AS vali_flag,
    CASE d.fault WHEN 'older_version' THEN updt_time - INTERVAL 20 DAY ELSE updt_time END AS updt_time, CASE d.fault WHEN 'text_in_weight' THEN '一' ELSE weight END AS weight)
FROM policy AS p JOIN policy_used AS d USING (rk);
CREATE TABLE fault_policy_parameter AS SELECT 'D' || rk AS rk, fault, rule_code, level, expected FROM policy_used;

CREATE TABLE policy_parameter AS
SELECT rk, pp, phase, COLUMNS(LAMBDA c: c NOT IN ('rk', 'pp', 'phase', 'fault', 'valid_from'))::VARCHAR, CASE WHEN fault = 'impossible_date' THEN '2023-02-30' ELSE valid_from::VARCHAR END AS valid_from
FROM policy;
