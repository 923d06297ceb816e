"""Everything the dashboard says, in Chinese and English, and how it prints numbers.

Both catalogues have the same keys and the same placeholders (tested). Names of indicators and regions are data:
they come from the published file.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from gongbao.numbers import rounded

Language = Literal["zh", "en"]
LANGUAGES: dict[Language, str] = {"zh": "中文", "en": "English"}

# What a cell shows when it has no value.
MARKS = {"missing": "…", "suppressed": "c", "not_applicable": "—"}

ZH = {
    "app": "医疗保障统计公报",
    "control.lang": "语言",
    "sample": "合成样例数据，不是真实统计",
    "page.overview": "总览",
    "page.provinces": "地区结余",
    "control.year": "年份",
    "control.scheme": "险种",
    "control.sort": "排序",
    "sort.value": "按结余率",
    "sort.region": "按地区代码",
    "scheme.employee": "职工医保",
    "scheme.resident": "居民医保",
    "scheme.resident_fund": "居民医保",
    "scheme.employee_fund": "职工医保统筹基金",
    "notice.value": "地址中的“{name}”不可用，已改用“{default}”。",
    "notice.name": "地址中有不认识的参数，已忽略：{name}。",
    "comma": "、",
    "tab.chart": "图",
    "tab.table": "表",
    "tab.notes": "说明",
    "download.csv": "下载 CSV（{rows} 行）",
    "figure.unit": "单位：{unit}",
    "figure.scope": "口径：{scope}",
    "figure.status": "数据状态：{status}",
    "figure.source": "来源：{source}",
    "figure.break": "口径变化（{year}年）{title}：{note}",
    "figure.marks": "… 无数据　c 已隐去　— 不适用",
    "source.records": "由交付的原始记录按公报指标解释汇总",
    "source.sample": "由合成样例记录汇总",
    "status.normal": "正常",
    "status.provisional": "初步",
    "status.suppressed": "已隐去",
    "status.missing": "无数据",
    "release": "数据版本 {digest} · {batches}个批次 · 发布于 {published}",
    "tile.total": "参保人数",
    "tile.employee": "职工医保参保人数",
    "tile.resident": "居民医保参保人数",
    "tile.income": "基金总收入（含生育保险）",
    "tile.expenditure": "基金总支出（含生育保险）",
    "tile.current": "统筹基金当期结存",
    "tile.cumulative": "统筹基金累计结存",
    "tile.label": "{label}",
    "tile.value": "{value}{unit}",
    "tile.change": "比上年{direction}{change}{unit}（{growth}%）",
    "tile.change_only": "比上年{direction}{change}{unit}",
    "tile.none": "无上年可比数",
    "direction.up": "增加",
    "direction.down": "减少",
    "balance.surplus": "结余",
    "balance.deficit": "收不抵支",
    "balance.even": "收支相抵",
    "overview.missing": "{year}年没有这一项的数据",
    "overview.title": "{year}年全国基本医疗保险",
    "overview.members": "{year}年底基本医保参保{value}{unit}",
    "overview.fund": "{year}年基金总收入{income}{unit}，总支出{expenditure}{unit}",
    "overview.balance": "{year}年统筹基金当期{sign}{current}{unit}，累计结存{cumulative}{unit}",
    "overview.members_note": "参保人数为年末数，每人只计一次（职工医保优先于居民医保）。",
    "overview.fund_note": "收入与支出为职工医保（统筹基金与个人账户）与居民医保之和，含生育保险。",
    "overview.balance_note": "当期结存与累计结存只指统筹基金（职工统筹与居民），不含个人账户，因此不等于总收入减总支出。",
    "provinces.title": "各地区基金当期结余率",
    "provinces.answer": "{year}年{scheme}{surplus}个省份当期有结余、{deficit}个省份收不抵支",
    "provinces.even": "、{count}个省份收支相抵",
    "provinces.missing": "、{count}个省份无数据",
    "provinces.corps": "（兵团另列）",
    "provinces.nation": "全国 {value}%",
    "provinces.note": "结余率＝当期结存÷当期收入。正数表示收入大于支出，负数表示支出大于收入；不含上下级基金之间的转移。省份指31个省、自治区、直辖市；新疆生产建设兵团单列，不计入省份个数。",
    "provinces.empty": "{year}年没有这一险种的分地区数据。交付当年各地区的基金收支记录（fund_ledger）并重新生成后，这里会显示。",
    "column.year": "年份",
    "column.region": "地区",
    "column.rate": "结余率（%）",
    "column.state": "收支",
    "column.income": "总收入",
    "column.expenditure": "总支出",
    "column.current": "当期结存",
    "column.cumulative": "累计结存",
    "column.total": "合计",
    "missing.title": "还没有可以显示的数据",
    "missing.body": "没有找到发布文件 `{path}`。\n\n1. 用 `gongbao ingest` 读入原始记录（或用 `gongbao sample` 生成样例）；\n2. 运行 `gongbao build`，它在检查通过后发布；\n3. 重新打开本页。",
    "damaged.title": "发布文件不完整",
    "damaged.body": "发布文件 `{path}` 打不开，或缺少本页需要的表。请重新运行 `gongbao build`。",
    "empty": "没有{year}年的数据。",
}

EN = {
    "app": "Medical security statistics",
    "control.lang": "Language",
    "sample": "Synthetic sample data, not real statistics",
    "page.overview": "Overview",
    "page.provinces": "Provinces",
    "control.year": "Year",
    "control.scheme": "Scheme",
    "control.sort": "Order",
    "sort.value": "by surplus rate",
    "sort.region": "by region code",
    "scheme.employee": "Employee scheme",
    "scheme.resident": "Resident scheme",
    "scheme.resident_fund": "resident scheme",
    "scheme.employee_fund": "employee pooled fund",
    "notice.value": "“{name}” in the address cannot be used; “{default}” is shown instead.",
    "notice.name": "The address has parameters that are not known and were left out: {name}.",
    "comma": ", ",
    "tab.chart": "Chart",
    "tab.table": "Table",
    "tab.notes": "Notes",
    "download.csv": "Download CSV ({rows} rows)",
    "figure.unit": "Unit: {unit}",
    "figure.scope": "Scope: {scope}",
    "figure.status": "Status: {status}",
    "figure.source": "Source: {source}",
    "figure.break": "Change of definition ({year}), {title}: {note}",
    "figure.marks": "… no data　c suppressed　— not applicable",
    "source.records": "delivered records, added up by the definitions of the bulletin",
    "source.sample": "synthetic sample records",
    "status.normal": "normal",
    "status.provisional": "provisional",
    "status.suppressed": "suppressed",
    "status.missing": "no data",
    "release": "Data release {digest} · batches: {batches} · published {published}",
    "tile.total": "Members",
    "tile.employee": "Members, employee scheme",
    "tile.resident": "Members, resident scheme",
    "tile.income": "Fund income (incl. maternity)",
    "tile.expenditure": "Fund expenditure (incl. maternity)",
    "tile.current": "Pooled fund: current balance",
    "tile.cumulative": "Pooled fund: cumulative balance",
    "tile.label": "{label} ({unit})",
    "tile.value": "{value}",
    "tile.change": "{direction} {change} on last year ({growth}%)",
    "tile.change_only": "{direction} {change} on last year",
    "tile.none": "no comparable year before",
    "direction.up": "up",
    "direction.down": "down",
    "balance.surplus": "surplus",
    "balance.deficit": "deficit",
    "balance.even": "even",
    "overview.missing": "There is no data for this figure in {year}",
    "overview.title": "Basic medical insurance of the nation, {year}",
    "overview.members": "Members at the end of {year}: {value} ({unit})",
    "overview.fund": "Fund {year}: income {income}, expenditure {expenditure} ({unit})",
    "overview.balance": "Pooled funds {year}: {sign} {current}, cumulative balance {cumulative} ({unit})",
    "overview.members_note": "Members at the end of the year, each person once (employee scheme before resident scheme).",
    "overview.fund_note": "Income and expenditure of the employee scheme (pooled fund and personal accounts) and the resident scheme, with maternity insurance.",
    "overview.balance_note": "Current and cumulative balance are of the pooled funds only (employee pooled and resident), without personal accounts; they are not total income less total expenditure.",
    "provinces.title": "Surplus rate of the fund by province",
    "provinces.answer": "{year} {scheme}: {surplus} provinces ran a surplus and {deficit} a deficit",
    "provinces.even": ", {count} broke even",
    "provinces.missing": ", {count} without data",
    "provinces.corps": " (the Corps counted apart)",
    "provinces.nation": "Nation {value}%",
    "provinces.note": "Surplus rate = current balance ÷ income of the year. Above zero: income exceeds expenditure; below zero: expenditure exceeds income. Transfers between fund levels are left out. Provinces are the 31 provinces, autonomous regions and municipalities; the Xinjiang Production and Construction Corps stands apart and is not counted among them.",
    "provinces.empty": "There is no data by province for this scheme in {year}. Deliver the year's fund records of the regions (fund_ledger) and build again to see it here.",
    "column.year": "Year",
    "column.region": "Region",
    "column.rate": "Surplus rate (%)",
    "column.state": "Balance",
    "column.income": "Income",
    "column.expenditure": "Expenditure",
    "column.current": "Current balance",
    "column.cumulative": "Cumulative balance",
    "column.total": "Total",
    "missing.title": "There is no data to show yet",
    "missing.body": "The published file `{path}` was not found.\n\n1. Read in records with `gongbao ingest` (or make a sample with `gongbao sample`);\n2. run `gongbao build`, which publishes once its checks pass;\n3. open this page again.",
    "damaged.title": "The published file is not complete",
    "damaged.body": "The published file `{path}` cannot be opened or lacks a table this page needs. Run `gongbao build` again.",
    "empty": "There is no data for {year}.",
}

CATALOGUES: dict[Language, dict[str, str]] = {"zh": ZH, "en": EN}


def say(language: Language, key: str, **values: object) -> str:
    """The message `key` in a language with its values filled in; an unknown key is a programming error (KeyError)."""
    return CATALOGUES[language][key].format(**values)


def number(value: Decimal | None, scale: int = 1, decimals: int = 2, status: str = "missing", signed: bool = False) -> str:
    """A printed number: half up, trailing zeros kept, no grouping; the status's mark when there is no value.

    `signed` puts + or a true minus sign before it; a value that rounds to zero has no sign.
    """
    if value is None:
        return MARKS.get(status, MARKS["missing"])
    result = rounded(value, scale, decimals)
    digits = f"{abs(result):f}"
    if result < 0:
        return f"−{digits}" if signed else f"-{digits}"
    return f"+{digits}" if signed and result > 0 else digits
