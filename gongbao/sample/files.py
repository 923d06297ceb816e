"""How the records lie in files: layouts, file names, encodings; and the numbering of rows for the truth files."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import openpyxl

CHUNK = 1 << 22  # characters transcoded at a time
RECORDS_ZH = {"enrollment": "参保关系", "settlement": "结算", "cross_province": "跨省清算", "fund_ledger": "基金台账", "population": "人口"}
TABLES = {"enrollment": "enr", "settlement": "setl_text", "cross_province": "xprv_text", "fund_ledger": "ledger", "population": "popu"}

COLUMNS = {
    "enrollment": "psn_insu_rlts_id psn_no insutype psn_type psn_insu_stas crt_insu_date paus_insu_date insu_admdvs psn_cert_type certno gend brdy surv_stas hi_type "
    "emp_type poolarea_no psn_idet_type matn_insu_flag vali_flag rid updt_time weight",
    "settlement": "setl_id mdtrt_id psn_no insutype psn_type insu_admdvs fix_blng_admdvs setl_time med_type medfee_sumamt fund_pay_sumamt init_setl_id refd_setl_flag "
    "mid_setl_flag setl_type psn_cert_type certno fixmedins_code hosp_lv begndate enddate ipt_days fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_amt act_pay_dedc "
    "hifp_pay cvlserv_pay hifes_pay hifmi_pay hifob_pay hifdm_pay maf_pay othfund_pay psn_pay acct_pay cash_payamt ownpay_hosp_part acct_mulaid_pay pay_loc clr_type clr_way "
    "mdtrt_cert_type dise_no manl_reim_rea year vali_flag rid updt_time weight",
    "cross_province": "setl_sn trt_year trt_month insu_admdvs mdtrtarea mdtrt_setl_time fulamt_advpay_flag medfee_sumamt optins_pay_sumamt seqno medins_no psn_cert_type certno "
    "mdtrt_id insutype med_type cnfm_flag vali_flag updt_time weight",
    "fund_ledger": "pool_region ym basis scheme part item_code amount agency_level version unit",
    "population": "region_code year resident_population eligible_population source",
}
DATES = {"crt_insu_date", "paus_insu_date", "brdy", "begndate", "enddate"}
TIMES = {"setl_time", "mdtrt_setl_time", "updt_time"}
AMOUNTS = {
    "amount",
    "resident_population",
    "eligible_population",
    "medfee_sumamt",
    "optins_pay_sumamt",
}  # summed in a total row; those of a settlement by suffix

# other headers for the same column: the names of the interface, and the Chinese headers of office exports
INTERFACE = {
    "insu_admdvs": "insuplc_admdvs",
    "fix_blng_admdvs": "mdtrtarea_admdvs",
    "mdtrtarea": "mdtrtarea_admdvs",
    "inscp_amt": "inscp_scp_amt",
    "othfund_pay": "oth_pay",
    "psn_pay": "psn_part_amt",
    "cash_payamt": "psn_cash_pay",
    "ownpay_hosp_part": "hosp_part_amt",
    "pool_region": "poolarea_no",
    "scheme": "insutype",
}
CHINESE = {
    "psn_insu_rlts_id": "参保关系ID",
    "psn_no": "个人编号",
    "insutype": "险种类型",
    "psn_type": "人员类别",
    "psn_insu_stas": "参保状态",
    "crt_insu_date": "参保开始日期",
    "paus_insu_date": "参保暂停日期",
    "insu_admdvs": "参保所属医保区划",
    "psn_cert_type": "人员证件类型",
    "certno": "证件号码",
    "gend": "性别",
    "brdy": "出生日期",
    "surv_stas": "生存状态",
    "hi_type": "医疗保险类型",
    "emp_type": "单位类型",
    "poolarea_no": "统筹区编号",
    "psn_idet_type": "人员身份类别",
    "matn_insu_flag": "参加生育保险标志",
    "vali_flag": "有效标志",
    "rid": "数据唯一记录号",
    "updt_time": "更新时间",
    "weight": "扩展权数",
    "setl_id": "结算ID",
    "mdtrt_id": "就诊ID",
    "fix_blng_admdvs": "定点归属医保区划",
    "setl_time": "结算日期",
    "med_type": "医疗类别",
    "medfee_sumamt": "总费用",
    "fund_pay_sumamt": "基金支付总额",
    "init_setl_id": "原结算ID",
    "refd_setl_flag": "退费结算标志",
    "mid_setl_flag": "中途结算标志",
    "setl_type": "结算类别",
    "fixmedins_code": "定点医药机构编号",
    "hosp_lv": "医院等级",
    "begndate": "开始日期",
    "enddate": "结束日期",
    "ipt_days": "住院天数",
    "fulamt_ownpay_amt": "全自费金额",
    "overlmt_selfpay": "超限价自费费用",
    "preselfpay_amt": "先行自付金额",
    "inscp_amt": "范围内费用",
    "act_pay_dedc": "起付线",
    "hifp_pay": "统筹基金支出",
    "cvlserv_pay": "公务员医疗补助",
    "hifes_pay": "企业补充医疗保险",
    "hifmi_pay": "大病保险支出",
    "hifob_pay": "大额医疗支出金额",
    "hifdm_pay": "伤残人员医疗保障",
    "maf_pay": "医疗救助支出",
    "othfund_pay": "其他基金支付",
    "psn_pay": "个人负担总金额",
    "acct_pay": "个人账户支付",
    "cash_payamt": "个人现金支付",
    "ownpay_hosp_part": "医院负担金额",
    "acct_mulaid_pay": "账户共济支付金额",
    "pay_loc": "支付地点类别",
    "clr_type": "清算类别",
    "clr_way": "清算方式",
    "mdtrt_cert_type": "就诊凭证类型",
    "dise_no": "病种编号",
    "manl_reim_rea": "零星报销原因",
    "year": "年度",
    "setl_sn": "结算流水号",
    "trt_year": "清算年度",
    "trt_month": "清算月份",
    "mdtrtarea": "就医地医保区划",
    "mdtrt_setl_time": "就医地结算时间",
    "fulamt_advpay_flag": "全额垫付标志",
    "optins_pay_sumamt": "经办机构支付总额",
    "seqno": "序号",
    "medins_no": "定点医药机构编号",
    "cnfm_flag": "确认标志",
    "pool_region": "统筹地区",
    "ym": "年月",
    "basis": "期间口径",
    "scheme": "险种",
    "part": "基金类别",
    "item_code": "项目代码",
    "amount": "金额",
    "agency_level": "经办级次",
    "version": "数据版本",
    "unit": "单位",
    "region_code": "地区代码",
    "resident_population": "常住人口",
    "eligible_population": "应参保人数",
    "source": "来源",
}
INSUTYPE = {"310": "职工基本医疗保险", "390": "城乡居民基本医疗保险", "510": "生育保险"}
CATEGORIES = {  # text in place of codes in office exports
    "insutype": INSUTYPE,
    "scheme": INSUTYPE,
    "gend": {"1": "男", "2": "女"},
    "surv_stas": {"1": "正常", "2": "死亡"},
    "psn_insu_stas": {"1": "正常参保", "2": "暂停参保", "4": "终止参保"},
    "psn_type": {
        "1101": "职工在职",
        "1102": "公务员在职",
        "1103": "灵活就业人员在职",
        "1201": "职工退休",
        "1202": "公务员退休",
        "1203": "灵活就业人员退休",
        "1300": "离休人员",
        "1402": "学龄前儿童",
        "1403": "中小学生",
        "1404": "大学生",
        "1501": "普通居民（成年）",
        "16": "居民（老年）",
    },
    "hi_type": {"1": "统账结合", "2": "单建统筹", "3": "住院统筹"},
    "emp_type": {"10": "企业", "30": "机关", "50": "事业单位", "55": "全额拨款事业单位"},
    "med_type": {
        "11": "普通门诊",
        "13": "急诊",
        "14": "门诊慢特病",
        "22": "外伤住院",
        "41": "定点药店购药",
        "51": "生育门诊",
        "52": "生育住院",
        "53": "计划生育手术费",
    },
    "hosp_lv": {"02": "三级甲等", "03": "三级乙等", "05": "二级甲等", "06": "二级乙等", "08": "一级甲等", "11": "无等级", "12": "三级无等", "14": "一级无等"},
    "refd_setl_flag": {"0": "否", "1": "是"},
    "mid_setl_flag": {"0": "否", "1": "是"},
    "setl_type": {"1": "中心报销", "2": "联网结算", "3": "补充报销"},
    "fulamt_advpay_flag": {"0": "否", "1": "是"},
    "cnfm_flag": {"0": "否", "1": "是"},
    "basis": {"M": "当月", "C": "累计"},
    "part": {"pool": "统筹基金", "account": "个人账户"},
    "version": {"final": "决算", "flash": "快报", "budget": "预算"},
}
# columns that a layout leaves out, to be as incomplete as real extracts; none that a figure needs
LEFT_OUT = {
    "chinese": {"rid", "poolarea_no", "psn_idet_type", "clr_type", "clr_way", "dise_no", "seqno", "agency_level"},
    "interface": {"psn_idet_type", "rid"},
}
# in GBK the one word 元 is two bytes that are also valid UTF-8 (U+052A): a file with no other Chinese would be read wrong by any strict trial
AMBIGUOUS_IN_GBK = {"unit"}


@dataclass(frozen=True)
class Layout:
    """`kind` is the family of headers and values; the rest says how the bytes are written."""

    kind: str = "core"  # core | interface | chinese
    suffix: str = "csv"  # csv | csv.gz | txt | parquet | xlsx
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    null_word: str = ""
    crlf: bool = False

    @property
    def is_text(self) -> bool:
        return self.suffix in ("csv", "txt", "csv.gz")


CORE, GBK, OFFICE = Layout(), Layout(encoding="gb18030"), Layout("chinese", encoding="gb18030")
TAB, QUOTED, PACKED = Layout(suffix="txt", delimiter="\t", null_word="null"), Layout(quote="'", crlf=True), Layout(suffix="csv.gz")
INTERFACE_NAMES, COLUMNAR, WORKBOOK = Layout("interface"), Layout(suffix="parquet"), Layout("chinese", suffix="xlsx")
CYCLE = (QUOTED, OFFICE, TAB, COLUMNAR, GBK, INTERFACE_NAMES, PACKED, OFFICE, CORE, COLUMNAR, GBK, PACKED)  # GBK in one of three


def layout(record: str, order: int, pp: int) -> Layout:
    """The layout of a province's file of a record; `order` is the place of the province in the list, from 0."""
    if record == "fund_ledger" and pp == 54:
        return WORKBOOK
    return CYCLE[(order + 5 * list(COLUMNS).index(record)) % len(CYCLE)]


def columns(record: str, form: Layout) -> list[str]:
    """The columns of a file, in its order."""
    left_out = LEFT_OUT.get(form.kind, set()) | (AMBIGUOUS_IN_GBK if form == GBK else set())
    return [name for name in COLUMNS[record].split() if name not in left_out]


def value(record: str, name: str, form: Layout) -> str:
    """SQL of one column of a file, as text (typed in Parquet), under its header."""
    sql = name
    if form.kind == "chinese":
        if name in DATES:
            sql = f"replace({name}, '-', '/')"
        elif name in ("setl_time", "mdtrt_setl_time"):
            sql = f"left({name}, 10)"
        if name in CATEGORIES:
            pairs = ", ".join(f"'{code}': '{text}'" for code, text in CATEGORIES[name].items())
            sql = f"coalesce(map {{{pairs}}}[{name}], {name})"
    elif form.encoding != "utf-8" and name in DATES:
        sql = f"replace({name}, '-', '')"
    elif form.null_word and name == "refd_setl_flag":
        sql = "'00' || refd_setl_flag"  # the flag of the reconciliation file
    elif form.suffix == "parquet":
        if name in DATES:
            sql = f"{name}::DATE"
        elif name in TIMES:
            sql = f"{name}::TIMESTAMP"
        elif name in ("ipt_days", "seqno"):
            sql = f"{name}::INTEGER"
        elif name == "weight":
            sql = "weight::DECIMAL(18, 6)"
        elif is_amount(record, name):
            sql = f"{name}::DECIMAL(18, 2)"
    return f'{sql} AS "{header(name, form)}"'


def header(name: str, form: Layout) -> str:
    """The header of a column in a layout."""
    if form.kind == "chinese":
        return CHINESE[name]
    return INTERFACE.get(name, name) if form.kind == "interface" else name


def is_amount(record: str, name: str) -> bool:
    """Whether a column holds money (or persons, in the population)."""
    return (
        name in AMOUNTS
        or record == "settlement"
        and (name.endswith(("_pay", "_amt", "sumamt", "payamt", "_part")) or name in ("overlmt_selfpay", "act_pay_dedc"))
    )


def number_rows(connection: duckdb.DuckDBPyConnection, record: str, seed: int) -> None:
    """Make table `file_<record>`: the rows in file order with `row_no` as a spreadsheet shows it (header 1)."""
    connection.execute(
        f"create table file_{record} as select *, row_number() over (partition by pp order by phase, hash(rk || '{seed}'), rk) + 1 as row_no "
        f"from {TABLES[record]} order by pp, row_no"
    )
    connection.execute(f"drop table {TABLES[record]}")


def write_file(connection: duckdb.DuckDBPyConnection, record: str, pp: int, form: Layout, path: Path, total_row: bool) -> None:
    """Write one province's file of a record. Rows go from DuckDB to the file; Python only transcodes bytes (a workbook excepted)."""
    names = columns(record, form)
    select = ", ".join(value(record, name, form) for name in names)
    if form.kind == "chinese" and record in ("enrollment", "settlement"):
        select += ", '合成样例' AS \"姓名\""  # a column that is to be dropped
    if form.kind == "interface":
        select += ', NULL::VARCHAR AS "memo"'  # a column that nobody knows
    query = f"select {select} from file_{record} where pp = {pp} order by row_no"
    if form.suffix == "parquet":
        connection.execute(f"copy ({query}) to '{path}' (format parquet, compression zstd)")
        return
    if form.suffix == "xlsx":
        _workbook(connection, query, path)
        return
    plain = path.with_name(path.name + ".utf8")
    force = ", force_quote *" if form.quote == "'" else ""
    quote = form.quote.replace("'", "''")
    connection.execute(
        f"copy ({query}) to '{plain}' (format csv, header true, delimiter '{form.delimiter}', quote '{quote}', escape '{quote}', nullstr '{form.null_word}'{force})"
    )
    if total_row:
        sums = ", ".join(f"sum(try_cast({name} as decimal(18, 2)))::varchar" if is_amount(record, name) else "NULL" for name in names[1:])
        row = connection.execute(f"select {sums} from file_{record} where pp = {pp}").fetchone()
        with plain.open("a", encoding="utf-8", newline="") as file:
            cells = ["合计", *(form.null_word if cell is None else cell for cell in row or ())]
            cells += [""] * (select.count(" AS ") - len(cells))
            file.write(form.delimiter.join(cells) + "\n")
    _finish(plain, path, form)


def _finish(plain: Path, path: Path, form: Layout) -> None:
    """From DuckDB's UTF-8 text to the layout's bytes, a block at a time."""
    if form.suffix == "csv.gz":
        with plain.open("rb") as source, path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as target:
            shutil.copyfileobj(source, target, CHUNK)
        plain.unlink()
    elif form.encoding == "utf-8" and not form.crlf:
        plain.replace(path)
    else:
        with plain.open(encoding="utf-8", newline="") as source, path.open("w", encoding=form.encoding, newline="") as target:
            while block := source.read(CHUNK):
                target.write(block.replace("\n", "\r\n") if form.crlf else block)
        plain.unlink()


def _workbook(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """A workbook of text cells; the times that openpyxl and zip put in are set to one moment, so that the same seed gives the same bytes."""
    relation = connection.execute(query)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    sheet.append([column[0] for column in relation.description or ()])
    for row in relation.fetchall():
        sheet.append(row)
    first = path.with_name(path.name + ".first")
    book.save(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            data = source.read(name)
            if name == "docProps/core.xml":
                start, end = data.index(b"<dcterms:created"), data.rindex(b"</dcterms:modified>") + len(b"</dcterms:modified>")
                data = data[:start] + data[end:]
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    first.unlink()
