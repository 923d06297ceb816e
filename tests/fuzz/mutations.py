"""Changes to a good draft, each of which says what it does to what the rows say.

A mutation is a function of a draft that returns whether it found something to change. It changes cells, and for each row that no longer
says the same it sets the values, or what may become of the row; it says when the whole file may or must be refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
from containers import ErrorCell, Formula
from drafts import (
    AMOUNTS,
    COLUMNS,
    CONTAINERS,
    DATES,
    DECISIVE,
    FLAGS,
    IDENTITIES,
    KEYS,
    LISTS,
    LOST,
    NAMES,
    PERSONS,
    REGIONS,
    SHEETS,
    TEXTS,
    TIMES,
    WHOLE,
    Draft,
    Row,
    certificate,
    list_of,
)

from gongbao.contracts import Record, load_contracts

Mutation = Callable[[Draft], bool]
ALL: dict[str, tuple[Mutation, tuple[str, ...]]] = {}
PERSON = "张三丰"  # an invented name


def mutation(*containers: str) -> Callable[[Mutation], Mutation]:
    """Register a mutation for some containers (all when none is given)."""

    def register(function: Mutation) -> Mutation:
        ALL[function.__name__] = (function, containers or CONTAINERS)
        return function

    return register


def contract_of(draft: Draft) -> Record:
    """What the definition says of the record: its labels, what it drops, which columns it takes."""
    return load_contracts()[draft.record]


def change(row: Row, column: str, cell: object, *value: object) -> None:
    """Write another cell; with `value`, it says something else than before."""
    row.cells[column] = cell
    row.touched.add(column)
    if value:
        row.values[column] = value[0]


def every_cell(draft: Draft, names: set[str], turn: Callable[[str], str | None], at_most: int = 3, sure: set[str] | None = None) -> bool:
    """Turn some text cells of one of the columns; what they say stays. Outside the columns `sure` a row may be kept apart instead."""
    column = draft.column_among(names)
    done = False
    for row in draft.spare_rows(column, at_most) if column else []:
        if row.cells[column] and (cell := turn(str(row.cells[column]))):
            change(row, column, cell)
            if sure is not None and column not in sure:
                row.doubt()
            done = True
    return done


# ---------------------------------------------------------------- identity values

INVISIBLE = "\u200b\ufeff\u00ad\u2060\u200e\u200f\u200d\u202c\u2066\U000e0001"


@mutation()
def text_mark(draft: Draft) -> bool:
    return every_cell(draft, IDENTITIES, draft.chance.choice(('="{}"', "'{}", "`{}", "{}'")).format)


@mutation()
def invisible_sign(draft: Draft) -> bool:
    def turn(text: str) -> str:
        at = draft.chance.randint(0, len(text))
        return text[:at] + draft.chance.choice(INVISIBLE) + text[at:]

    return every_cell(draft, set(draft.columns) - {"source", "unit"}, turn, sure=IDENTITIES)


@mutation()
def padding(draft: Draft) -> bool:
    blanks = ("  ", "\u3000", "\u00a0") if draft.container == "tab" else ("  ", "\u3000", "\u00a0", "\t")
    return every_cell(draft, set(draft.columns), lambda text: draft.chance.choice(blanks) + text + draft.chance.choice((*blanks, "")))


@mutation(*SHEETS)
def escaped_return(draft: Draft) -> bool:
    return every_cell(draft, IDENTITIES, lambda text: text + "_x000D_")


@mutation()
def full_width(draft: Draft) -> bool:
    return every_cell(
        draft, set(draft.columns) - {"source", "unit"}, lambda text: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    )


@mutation()
def trailing_zero(draft: Draft) -> bool:
    return every_cell(draft, {"psn_no", "insutype", "psn_insu_stas", "insu_admdvs", "vali_flag"} | WHOLE, lambda text: text + ".0" if text.isdigit() else None)


NULL_WORDS = ("nan", "NaN", "None", "null", "(null)", "<NA>", "[NULL]", "NULL", "\\N", "-", "无", "N/A")
ERRORS = ("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


@mutation()
def null_word(draft: Draft) -> bool:
    """The word is read as an empty cell."""
    column = draft.chance.choice(draft.columns)
    if column in ("weight", "version"):
        return False
    rows = draft.spare_rows(column)
    for row in rows:
        change(row, column, draft.chance.choice(NULL_WORDS), None)
        if column == "source":  # free text may say what it likes
            row.doubt()
    return bool(rows)


@mutation()
def empty_cell(draft: Draft) -> bool:
    column = draft.chance.choice([name for name in draft.columns if name not in ("weight", "version")])
    rows = draft.spare_rows(column, 2, native=True)
    for row in rows:
        change(row, column, "", None)
    return bool(rows)


@mutation(*TEXTS, "xlsx", "parquet")
def error_cell(draft: Draft) -> bool:
    """In a required column the row is unreadable; in another the cell is empty, or the row is kept apart."""
    column = draft.chance.choice([name for name in draft.columns if name not in ("weight", "version", "source")])
    required = column in COLUMNS[draft.record].split("|")[0].split()
    rows = draft.spare_rows(column)
    for row in rows:
        text = draft.chance.choice(ERRORS)
        change(row, column, ErrorCell(text) if draft.is_sheet and draft.chance.random() < 0.7 else text, None)
        row.lose() if required else row.doubt()
    return bool(rows)


@mutation()
def scientific_notation(draft: Draft) -> bool:
    column = draft.column_among(PERSONS)
    rows = draft.spare_rows(column, 2) if column else []
    for row in rows:
        change(row, column, draft.chance.choice(("3.70102E+17", "1.23E+17", "3.7E+12")))
        row.lose()
    draft.may_refuse = draft.may_refuse or bool(rows)
    return bool(rows)


@mutation()
def digits_cut(draft: Draft) -> bool:
    """Five long numbers or more cut to 15 digits: the file cannot be repaired."""
    column = draft.column_among(PERSONS)
    if column is None or len(draft.rows) < 6:
        return False
    for number, row in enumerate(draft.rows):
        if column in row.touched or not row.cells[column]:
            return False
        cut = f"37010219{number:07}" + "000" if draft.chance.random() < 0.8 or number < 5 else None
        if cut:
            change(row, column, cut, cut)
    draft.must_refuse = True
    return True


@mutation("xlsx", "parquet")
def numbers_for_persons(draft: Draft) -> bool:
    """Short numbers lose nothing as numbers."""
    column = draft.column_among({"psn_no"})
    if column is None or draft.container == "parquet" and any(column in row.touched for row in draft.rows):
        return False
    for number, row in enumerate(draft.rows):
        if column not in row.touched:
            value = 3701000 + number * 7 + 1
            change(row, column, value, str(value))
    return True


@mutation()
def certificate_in_key(draft: Draft) -> bool:
    column = draft.column_among(KEYS - {"mdtrt_id", "rid"})
    rows = draft.spare_rows(column, 2) if column else []
    for row in rows:
        number = certificate(draft.chance)
        draft.secrets.add(number)
        key = draft.chance.choice(("{}310", "{}", "370100-{}-1")).format(number)
        change(row, column, key, key)
    draft.may_refuse = draft.may_refuse or bool(rows)
    return bool(rows)


@mutation()
def person_in_code(draft: Draft) -> bool:
    """A name or a certificate in a coded column: no code, and never in the lake or in a message."""
    column = draft.column_among(set(LISTS) | FLAGS)
    rows = draft.spare_rows(column, 2) if column else []
    for row in rows:
        secret = draft.chance.choice((PERSON, certificate(draft.chance)))
        draft.secrets.add(secret)
        change(row, column, secret, None)
        draft.uncompared.add(column)  # what stands for it is nobody's business
        row.doubt()
        if column in DECISIVE[draft.record] | FLAGS:
            row.lose()
    return bool(rows)


# ---------------------------------------------------------------- codes, flags, regions, months


@mutation()
def name_for_code(draft: Draft) -> bool:
    column = draft.column_among(set(LISTS) - {"psn_cert_type"})
    if column is None:
        return False
    names = NAMES[list_of(column)]
    done = False
    for row in draft.spare_rows(column):
        name = names.get(str(row.values[column]))
        sharing = [code for code, other in names.items() if other == name]
        if name and all(code.startswith(min(sharing, key=len)) for code in sharing) and row.values[column] == min(sharing, key=len):
            change(row, column, name)
            done = True
    return done


@mutation()
def code_and_name(draft: Draft) -> bool:
    """Read as the code, or the row is not accepted."""
    column = draft.column_among(set(LISTS) - {"psn_cert_type"})
    done = False
    for row in draft.spare_rows(column) if column else []:
        if name := NAMES[list_of(column)].get(str(row.values[column])):
            change(row, column, f"{row.values[column]}{draft.chance.choice('-—_ :：')}{name}")
            row.doubt()
            done = True
    return done


@mutation()
def unknown_code(draft: Draft) -> bool:
    column = draft.column_among(DECISIVE[draft.record])
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        code = draft.chance.choice(("987", "Z9", "某种", "31O"))
        change(row, column, code, code)
        row.lose()
    return bool(rows)


@mutation()
def word_for_flag(draft: Draft) -> bool:
    words = {"1": ("是", "Y", "y", "true", "TRUE", "True", "1.0"), "0": ("否", "N", "n", "false", "FALSE", "False", "0.0")}
    column = draft.column_among(FLAGS)
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        change(row, column, draft.chance.choice(words[str(row.values[column])]))
        row.doubt()
    return bool(rows)


@mutation()
def flag_outside_its_list(draft: Draft) -> bool:
    column = draft.column_among(FLAGS)
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        word = draft.chance.choice(("X", "7", "有", "11", "on"))
        change(row, column, word, word)
        row.lose()
    return bool(rows)


@mutation()
def invalid_row(draft: Draft) -> bool:
    """A row that says it is not valid is read as such."""
    rows = draft.spare_rows("vali_flag") if "vali_flag" in draft.columns else []
    for row in rows:
        change(row, "vali_flag", "0", "0")
    return bool(rows)


@mutation()
def name_of_region(draft: Draft) -> bool:
    column = draft.column_among(REGIONS)
    done = False
    for row in draft.spare_rows(column) if column else []:
        name = NAMES["region"][str(row.values[column])]
        if sum(other == name for other in NAMES["region"].values()) == 1:
            change(row, column, name if draft.chance.random() < 0.5 else name.removesuffix("市"))
            row.doubt()
            done = True
    return done


@mutation()
def unknown_region(draft: Draft) -> bool:
    column = draft.column_among(REGIONS)
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        code = draft.chance.choice(("990100", "3701", "00370100", "某市", "37010"))
        change(row, column, code, code)
        row.lose()
    return bool(rows)


@mutation()
def month_in_words(draft: Draft) -> bool:
    forms = ("{0}-{1:02}", "{0}/{1}", "{0}年{1}月", "{0}年{1:02}月", "{0}-{1:02}-01", "{0}.{1:02}")
    done = False
    for row in draft.spare_rows("ym") if "ym" in draft.columns else []:
        text = str(row.values["ym"])
        change(row, "ym", draft.chance.choice(forms).format(text[:4], int(text[4:])))
        row.doubt()
        done = True
    return done


@mutation(*SHEETS)
def month_as_date(draft: Draft) -> bool:
    done = False
    for row in draft.spare_rows("ym") if "ym" in draft.columns else []:
        text = str(row.values["ym"])
        change(row, "ym", dt.datetime(int(text[:4]), int(text[4:]), 1))
        row.doubt()
        done = True
    return done


@mutation()
def no_month(draft: Draft) -> bool:
    done = False
    for row in draft.spare_rows("ym") if "ym" in draft.columns else []:
        change(row, "ym", draft.chance.choice(("202413", "2024", "24-01", "去年", "2024-00", "20241", "199901")), None)
        row.lose()
        done = True
    return done


# ---------------------------------------------------------------- dates and amounts


@mutation()
def date_in_other_form(draft: Draft) -> bool:
    column = draft.column_among(DATES)
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None:
            form = draft.chance.choice(
                ("{0:%Y%m%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y/%m/%d}", "{0:%Y-%m-%d} 00:00:00", "{0:%Y-%m-%d}T00:00:00", "{0.year}-{0.month}-{0.day}")
            )
            change(row, column, form.format(value))
            done = True
    return done


@mutation()
def date_in_chinese(draft: Draft) -> bool:
    column = draft.column_among(DATES)
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None:
            change(row, column, draft.chance.choice(("{0.year}年{0.month}月{0.day}日", "{0.year}.{0.month}.{0.day}")).format(value))
            row.doubt()
            done = True
    return done


@mutation()
def time_in_other_form(draft: Draft) -> bool:
    column = draft.column_among(TIMES)
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None:
            change(
                row,
                column,
                draft.chance.choice(("{0:%Y%m%d%H%M%S}", "{0:%Y/%m/%d %H:%M:%S}", "{0:%Y-%m-%dT%H:%M:%S}", "{0:%Y%m%d} {0:%H:%M:%S}")).format(value),
            )
            done = True
    return done


@mutation()
def no_date(draft: Draft) -> bool:
    """No day of the calendar, or one of which nobody can say which: the row is unreadable."""
    column = draft.column_among((DATES | TIMES) - {"updt_time"})
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        change(row, column, draft.chance.choice(("2024-02-30", "03/04/2024", "2024-13-01", "昨天", "20240231", "04-03-24", "2024-06-31 10:00:00")), None)
        row.lose()
    return bool(rows)


@mutation(*SHEETS)
def year_in_date_cell(draft: Draft) -> bool:
    """A number that is no plausible date: the row is unreadable, or the file refused."""
    column = draft.column_among(DATES)
    rows = draft.spare_rows(column, native=True) if column else []
    for row in rows:
        change(row, column, draft.chance.choice((2023, 2024, 7, 99999)), None)
        row.lose()
    draft.may_refuse = draft.may_refuse or bool(rows)
    return bool(rows)


@mutation(*SHEETS)
def serial_number_of_a_date(draft: Draft) -> bool:
    column = draft.column_among(DATES)
    done = False
    for row in draft.spare_rows(column, native=True) if column else []:
        if (value := row.values[column]) is not None and isinstance(value, dt.date):
            change(row, column, (value - dt.date(1899, 12, 30)).days)
            row.doubt()
            done = True
    return done


@mutation()
def amount_in_other_form(draft: Draft) -> bool:
    column = draft.column_among(AMOUNTS)
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None:
            change(row, column, draft.chance.choice(("{:,}", " {}", "{}0", "+{}", "{:,} ", "{}00")).format(value) if "." in str(value) else f"{value:,}")
            done = True
    return done


@mutation()
def no_amount(draft: Draft) -> bool:
    column = draft.column_among(AMOUNTS)
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        change(
            row,
            column,
            draft.chance.choice(("12..3", "abc", "1.234,56", "1,23,45", "--", "1_000", "3万", "12;5", "0x10", "Inf", "inf", "1 2", "１２．．３", "=1+1")),
            None,
        )
        row.lose()
    return bool(rows)


@mutation()
def doubtful_amount(draft: Draft) -> bool:
    """Read as what a person reads, or the row is not accepted."""
    column = draft.column_among(AMOUNTS)
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None and value > 0:
            cell, value = draft.chance.choice(
                ((f"¥{value}", value), (f"{value}元", value), (f"({value})", -value), (f"{value}-", -value), (f"−{value}", -value), (f"{value / 100}e2", value))
            )
            change(row, column, cell, value)
            row.doubt()
            done = True
    return done


@mutation()
def more_decimals(draft: Draft) -> bool:
    """Rounded half-up to the cent."""
    column = draft.column_among(AMOUNTS - {"psn_pay", "acct_pay", "cash_payamt"})
    done = False
    for row in draft.spare_rows(column) if column else []:
        if (value := row.values[column]) is not None and value > 0 and "psn_pay" not in draft.columns:
            exact = value + Decimal(draft.chance.choice(("0.004", "0.005", "0.0049", "0.00999", "0.000000000001")))
            change(row, column, str(exact), exact)
            done = True
    return done


@mutation()
def other_amount(draft: Draft) -> bool:
    """Another amount is that amount: too small or too large parts break an identity."""
    column = draft.column_among(AMOUNTS)
    rows = draft.spare_rows(column) if column else []
    for row in rows:
        value = Decimal(draft.chance.choice(("0", "0.01", "-5", "99999999999.99", "1.10")))
        change(row, column, str(value), value)
    return bool(rows)


@mutation()
def unit_of_the_row(draft: Draft) -> bool:
    if "unit" not in draft.columns:
        return False
    rows = draft.spare_rows("unit")
    for row in rows:
        unit = draft.chance.choice(("万元", "元", "千元"))
        change(row, "unit", unit, unit)
        if unit == "千元":
            row.lose()
    return bool(rows)


@mutation()
def end_before_start(draft: Draft) -> bool:
    done = False
    for start, end in (("crt_insu_date", "paus_insu_date"), ("begndate", "enddate")):
        if start in draft.columns:
            for row in draft.spare_rows(end):
                if isinstance(row.values[start], dt.date):
                    value = row.values[start] - dt.timedelta(days=draft.chance.randint(1, 40))
                    change(row, end, str(value), value)
                    done = True
    return done


# ---------------------------------------------------------------- headers


@mutation()
def label_for_header(draft: Draft) -> bool:
    columns = contract_of(draft).by_name
    for name in draft.columns:
        if draft.chance.random() < 0.6 and name not in draft.headers:
            draft.headers[name] = draft.chance.choice(columns[name].titles)
    return True


@mutation()
def header_with_signs(draft: Draft) -> bool:
    name = draft.chance.choice(draft.columns)
    title = draft.headers.get(name, name)
    draft.headers[name] = draft.chance.choice((" {} ", "\u200b{}", "\ufeff{}", "{}\u3000", "'{}'", "{}\u00a0")).format(title)
    return True


@mutation()
def upper_case_header(draft: Draft) -> bool:
    for name in draft.columns:
        draft.headers[name] = draft.headers.get(name, name).upper()
    return True


@mutation()
def unknown_column(draft: Draft) -> bool:
    """A column that nobody knows stays out with all it says."""
    if "more_headers" in draft.options or draft.above or draft.first_sheets:
        return False
    draft.options["more_headers"] = (draft.chance.choice(("备注", "经办人", "remark", "x1")),)
    draft.secrets.add(PERSON)
    for row in draft.rows:
        row.extra = [PERSON]
    return True


@mutation()
def dropped_name(draft: Draft) -> bool:
    """A column of names that is dropped, with all that names may hold."""
    if "more_headers" in draft.options or "姓名" not in contract_of(draft).dropped:
        return False
    draft.options["more_headers"] = (draft.chance.choice(("姓名", "psn_name")),)
    draft.secrets.add(PERSON)
    odd = ["", " 二", "\u2028二", "\x85二", "\x0b二", "O'", ",", "\x1c"]
    if draft.container == "csv-gbk":
        odd.remove("\x85二")
    if draft.is_sheet:
        odd = ["", " 二", "\u2028二", "O'", ","]
    for row in draft.rows:
        row.extra = [PERSON + (draft.chance.choice(odd) if draft.chance.random() < 0.3 else "")]
    return True


@mutation()
def column_twice(draft: Draft) -> bool:
    if draft.container.startswith("parquet") or "more_headers" in draft.options:
        return False
    name = draft.chance.choice(draft.columns)
    draft.options["more_headers"] = (name,)
    for row in draft.rows:
        row.extra = ["7"]
    draft.must_refuse = True
    return True


@mutation()
def required_column_gone(draft: Draft) -> bool:
    name = draft.chance.choice(COLUMNS[draft.record].split("|")[0].split())
    if name not in draft.columns or name in draft.options.get("more_headers", ()):  # of a column that is there twice one remains
        return False
    draft.columns.remove(name)
    draft.must_refuse = True
    return True


@mutation(*TEXTS, *SHEETS)
def title_over_the_header(draft: Draft) -> bool:
    """Read below the title, or refused; a unit in the title is used or named."""
    if draft.above:
        return False
    width = len(draft.columns) + len(draft.options.get("more_headers", ()))
    draft.above.append(["2024年度明细表"] + [""] * (width - 1))
    if "unit" in contract_of(draft).by_name and "unit" not in draft.columns and draft.chance.random() < 0.7:
        draft.above.append(["填报单位：某市"] + [""] * (width - 2) + ["单位：万元"])
        draft.must_name.append("万元")
        for row in draft.rows:
            row.values["unit"] = "万元"
    draft.may_refuse = True
    return True


@mutation(*TEXTS, *SHEETS)
def unit_in_the_header(draft: Draft) -> bool:
    name = draft.column_among({"amount", "resident_population"})
    if name is None or "unit" in draft.columns or draft.above:
        return False
    unit, label = ("万元", "金额") if name == "amount" else ("万人", "常住人口")
    draft.headers[name] = draft.chance.choice((f"{label}（{unit}）", f"{label}({unit})"))
    draft.must_name.append(unit)
    draft.may_refuse = True
    for row in draft.rows:
        if name == "amount":
            row.values["unit"] = "万元"
        elif isinstance(row.values[name], Decimal):
            row.values[name] *= 10_000
    return True


@mutation(*TEXTS, *SHEETS)
def header_again(draft: Draft) -> bool:
    """Pages copied one under the other: the header stands between the rows and is none of them."""
    if draft.rows[0].line is not None:
        return False
    row = Row(
        dict(zip(draft.columns, [draft.headers.get(name, name) for name in draft.columns], strict=True)),
        dict.fromkeys(draft.columns),
        touched=set(draft.columns),
    )
    row.extra = list(draft.options.get("more_headers", ()))
    row.lose()
    draft.rows.insert(draft.chance.randrange(1, len(draft.rows)), row)
    return True


# ---------------------------------------------------------------- rows that are none


@mutation(*TEXTS, *SHEETS)
def footer(draft: Draft) -> bool:
    """Notes, signatures and totals under the table are no rows, and no name in them is kept."""
    width = len(draft.columns) + len(draft.options.get("more_headers", ()))
    draft.secrets.add(PERSON)
    notes = ["注：本表不含离休人员", f"制表人：{PERSON}", f"填报人：{PERSON} 13800000000", "全市合计", "合计", f"审核：{PERSON}", "以上为全部数据"]
    for text in draft.chance.sample(notes, draft.chance.randint(1, 3)):
        line: list[object] = [text] + [""] * (width - 1)
        if "合计" in text:
            line = [text] + ["100.00" if name in AMOUNTS else "" for name in draft.columns[1:]] + [""] * (width - len(draft.columns))
        draft.below.append(line)
    return True


@mutation(*TEXTS, *SHEETS)
def total_row(draft: Draft) -> bool:
    row = Row(dict.fromkeys(draft.columns, ""), dict.fromkeys(draft.columns), touched=set(draft.columns))
    row.cells[draft.columns[0]] = draft.chance.choice(("合计", "小 计", "总计", "  合计", "共计："))
    row.extra = [""] * len(draft.options.get("more_headers", ()))
    for name in draft.columns[1:]:
        if name in AMOUNTS:
            row.cells[name] = "123.00"
    row.lose()
    draft.rows.insert(draft.chance.randrange(1, len(draft.rows) + 1), row)
    return True


@mutation(*TEXTS, *SHEETS)
def empty_row(draft: Draft) -> bool:
    row = Row(dict.fromkeys(draft.columns, ""), dict.fromkeys(draft.columns), touched=set(draft.columns))
    row.extra = [""] * len(draft.options.get("more_headers", ()))
    if draft.is_text and draft.chance.random() < 0.5:
        row.line = ""
    row.lose()
    draft.rows.insert(draft.chance.randrange(1, len(draft.rows)), row)
    return True


@mutation()
def row_twice(draft: Draft) -> bool:
    """Two rows with one key are both read; versions are chosen afterwards."""
    original = draft.chance.choice(draft.rows)
    draft.rows.append(Row(dict(original.cells), dict(original.values), original.fate, set(original.touched), original.line, list(original.extra)))
    return True


@mutation("csv", "csv-gbk", "csv-bom", "tab", "gz")
def cell_too_many_or_few(draft: Draft) -> bool:
    """The row is unreadable."""
    if "more_headers" in draft.options or draft.options.get("line_tail"):
        return False
    delimiter = "\t" if draft.container == "tab" else ","
    rows = [row for row in draft.rows[:-1] if row.line is None and not row.touched]
    for row in rows[: draft.chance.randint(1, 2)]:
        cells = ["" if cell is None else str(cell) for cell in row.cells.values()]
        at = draft.chance.randrange(len(cells))
        cells = cells[:at] + cells[at + 1 :] if draft.chance.random() < 0.5 else cells[:at] + ["x"] + cells[at:]
        row.line = delimiter.join(cells)
        row.lose()
    return bool(rows)


# ---------------------------------------------------------------- sheets


@mutation(*SHEETS)
def hidden_sheet_first(draft: Draft) -> bool:
    """Rows of a hidden sheet are not taken for those of the visible one; the sheet is named."""
    old = [[draft.headers.get(name, name) for name in draft.columns]] + [[_old(name, row) for name in draft.columns] for row in draft.rows[:2]]
    (draft.first_sheets if draft.chance.random() < 0.7 else draft.further_sheets).append(("旧表", "hidden", old))
    draft.must_name.append("旧表")
    draft.may_refuse = True
    return True


def _old(name: str, row: Row) -> object:
    return f"{row.cells[name]}old" if name in IDENTITIES and isinstance(row.cells[name], str) else row.cells[name]


@mutation(*SHEETS)
def cover_sheet(draft: Draft) -> bool:
    draft.first_sheets.append(("填报说明", "visible", [["2024年明细填报说明"], ["一、本表按月报送"]]))
    draft.must_name.append("填报说明")
    draft.may_refuse = True
    return True


@mutation(*SHEETS)
def second_sheet(draft: Draft) -> bool:
    """The table goes on on a second sheet under the same header: read as one, or refused by the sheet's name."""
    if len(draft.rows) < 4 or draft.below or draft.merged or draft.above or "second_header" in draft.options:
        return False
    at = len(draft.rows) // 2
    tail = draft.rows[at:]
    titles = [draft.headers.get(name, name) for name in draft.columns] + list(draft.options.get("more_headers", ()))
    more = [""] * len(draft.options.get("more_headers", ()))
    draft.further_sheets.append(("续表", "visible", [titles, *([row.cells[name] for name in draft.columns] + (row.extra or more) for row in tail)]))
    draft.rows, draft.rows_elsewhere = draft.rows[:at], tail
    draft.may_refuse = True
    return True


@mutation(*SHEETS)
def further_table(draft: Draft) -> bool:
    """A sheet with another table is named and not read."""
    draft.further_sheets.append(("汇总", "visible", [["地区", "人数"], ["济南", 5], ["青岛", 6]]))
    draft.must_name.append("汇总")
    draft.may_refuse = True
    return True


@mutation(*SHEETS)
def merged_cells(draft: Draft) -> bool:
    """A cell merged over rows holds for all of them, or they are kept apart."""
    column = draft.column_among((REGIONS | set(LISTS)) - {"psn_cert_type"})
    if column is None or draft.merged or len(draft.rows) < 4 or draft.record == "population":
        return False
    first = draft.chance.randrange(len(draft.rows) - 2)
    rows = draft.rows[first : first + 3]
    if any(column in row.touched or row.line is not None for row in rows):
        return False
    for row in rows[1:]:
        change(row, column, None, rows[0].values[column])
        row.doubt()
    rows[0].touched.add(column)
    draft.merged.append((column, rows))
    draft.may_refuse = True
    return True


@mutation(*SHEETS)
def hidden_rows(draft: Draft) -> bool:
    """Rows that the sheet hides are told."""
    row = draft.chance.choice(draft.rows)
    row.hidden = True
    row.doubt()
    draft.may_refuse = True
    return True


@mutation(*SHEETS)
def formulas_without_values(draft: Draft) -> bool:
    column = draft.column_among(AMOUNTS)
    if column is None:
        return False
    for number, row in enumerate(draft.rows, 2):
        row.cells[column] = Formula(f"=1+{number}")
        row.lose()
    draft.must_refuse = True
    return True


@mutation(*SHEETS)
def leading_zeros_in_a_format(draft: Draft) -> bool:
    """A code that is a number without its zeros is the code; the list says how long it is."""
    column = draft.column_among({"hosp_lv", "psn_cert_type"})
    if column is None:
        return False
    for row in draft.spare_rows(column):
        text = str(row.values[column])
        if text.isdigit() and str(int(text)) not in NAMES[list_of(column)]:
            change(row, column, int(text))
    return True


# ---------------------------------------------------------------- bytes


@mutation("csv", "tab", "gz", "csv-quoted")
def other_line_ends(draft: Draft) -> bool:
    draft.options["line_end"] = draft.chance.choice(("\r\n", "\r"))
    return True


@mutation(*TEXTS)
def no_last_line_end(draft: Draft) -> bool:
    if draft.below:
        return False
    draft.options["no_last_end"] = True
    draft.may_refuse = draft.rows[-1].line is not None
    return True


@mutation("csv", "csv-quoted", "gz")
def undecodable_byte(draft: Draft) -> bool:
    """A byte that is no character, in a column that nobody reads: its line may be lost, no other."""
    if "more_headers" in draft.options or "姓名" not in contract_of(draft).dropped:
        return False
    draft.options["more_headers"] = ("姓名",)
    place = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑"
    for number, row in enumerate(draft.rows):
        row.extra = [f"某{place[number % len(place)]}"]
    row = draft.chance.choice(draft.rows)
    row.doubt()
    good = row.extra[0].encode()
    draft.options["text_steps"] = [lambda data: data.replace(good, good[:-1], 1)]
    draft.may_refuse = True
    return sum(other.extra == row.extra for other in draft.rows) == 1


@mutation("csv")
def two_encodings(draft: Draft) -> bool:
    if "more_headers" in draft.options or "姓名" not in contract_of(draft).dropped:
        return False
    draft.options["more_headers"] = ("姓名",)
    for row in draft.rows:
        row.extra = ["张三"]
        row.doubt()
    draft.options["text_steps"] = [lambda data: data.replace("张三".encode(), "张三".encode("gb18030"), max(1, data.count("张三".encode()) // 2))]
    draft.may_refuse = True
    return True


@mutation("csv", "tab")
def utf_16(draft: Draft) -> bool:
    draft.options["encoding"] = draft.chance.choice(("utf-16", "utf-16-le"))
    draft.may_refuse = True
    return True


@mutation(*TEXTS)
def delimiter_after_every_line(draft: Draft) -> bool:
    if "more_headers" in draft.options or draft.above or draft.below or draft.container == "csv-quoted":
        return False
    if any(row.line is not None for row in draft.rows):
        return False
    draft.options["line_tail"] = "\t" if draft.container == "tab" else ","
    draft.may_refuse = True
    return True


@mutation("csv", "csv-gbk", "csv-bom", "gz")
def tab_after_every_cell(draft: Draft) -> bool:
    if any(row.line is not None for row in draft.rows) or draft.above or draft.below:
        return False
    delimiter = b","
    draft.options.setdefault("text_steps", []).append(lambda data: data.replace(delimiter, b"\t" + delimiter).replace(b"\n", b"\t\n"))
    quoted = any(isinstance(cell, str) and set(cell) & set(',"\n') for row in draft.rows for cell in [*row.cells.values(), *row.extra])
    draft.may_refuse = True
    if quoted or draft.options.get("line_end", "\n") != "\n":
        for row in draft.rows:
            row.doubt()
    return True


@mutation("csv", "csv-gbk", "csv-bom", "tab")
def cut_off(draft: Draft) -> bool:
    """A file that ends in the middle of its last row is refused."""
    row = draft.rows[-1]
    if row.fate == LOST:  # what is no row, such as a total, may be short
        return False
    if draft.below or row.line is not None or row.extra or len(draft.rows) < 3 or draft.options.get("line_tail"):
        return False
    delimiter = "\t" if draft.container == "tab" else ","
    cells = ["" if cell is None else str(cell) for cell in row.cells.values()]
    row.line = delimiter.join(cells[: draft.chance.randrange(1, len(cells) - 1)])
    row.lose()
    draft.options["no_last_end"] = True
    draft.must_refuse = True
    return True


@mutation("gz", "xlsx", "parquet", "parquet-typed")
def packed_file_cut(draft: Draft) -> bool:
    share = draft.chance.uniform(0.3, 0.95)
    draft.bytes_steps.append(lambda data: data[: int(len(data) * share)])
    draft.must_refuse = True
    return True


@mutation("gz", "xlsx")
def packed_byte_changed(draft: Draft) -> bool:
    """Checksums inside tell; where they do not, nothing that is read has changed."""
    share = draft.chance.random()

    def flip(data: bytes) -> bytes:
        at = int(len(data) * share)
        return data[:at] + bytes([data[at] ^ (1 << draft.chance.randrange(8))]) + data[at + 1 :]

    draft.bytes_steps.append(flip)
    draft.may_refuse = True
    draft.must_name = []
    return True


# ---------------------------------------------------------------- Parquet


@mutation("parquet", "parquet-typed")
def floats_of_32_bits(draft: Draft) -> bool:
    column = draft.column_among(AMOUNTS)
    if column is None or any(column in row.touched for row in draft.rows):
        return False
    for row in draft.rows:
        row.cells[column] = float(row.values[column])
    draft.options.setdefault("types", {})[column] = pa.float32()
    draft.must_refuse = True
    return True


@mutation("parquet", "parquet-typed")
def floats_of_64_bits(draft: Draft) -> bool:
    column = draft.column_among(AMOUNTS)
    if column is None or any(column in row.touched for row in draft.rows):
        return False
    for row in draft.rows:
        row.cells[column] = float(row.values[column])
        row.touched.add(column)
    draft.options.setdefault("types", {})[column] = pa.float64()
    return True


@mutation("parquet")
def bytes_for_text(draft: Draft) -> bool:
    for name in draft.columns:
        if name not in draft.options.get("types", {}) and all(isinstance(row.cells[name], str) for row in draft.rows):
            for row in draft.rows:
                row.cells[name] = str(row.cells[name]).encode() or None
                row.touched.add(name)
            draft.options.setdefault("types", {})[name] = pa.binary()
    draft.may_refuse = True
    return True


@mutation("parquet")
def dictionary_of_texts(draft: Draft) -> bool:
    name = draft.chance.choice(draft.columns)
    if name in draft.options.get("types", {}) or any(not isinstance(row.cells[name], str) for row in draft.rows):
        return False
    draft.options.setdefault("types", {})[name] = draft.chance.choice((pa.dictionary(pa.int32(), pa.string()), pa.large_string()))
    for row in draft.rows:
        row.touched.add(name)
    return True


@mutation("parquet")
def truth_for_flags(draft: Draft) -> bool:
    name = draft.column_among(FLAGS)
    if name is None or any(name in row.touched for row in draft.rows):
        return False
    for row in draft.rows:
        change(row, name, row.values[name] == "1")
    draft.options.setdefault("types", {})[name] = pa.bool_()
    return True


@mutation("parquet", "parquet-typed")
def whole_numbers_for_codes(draft: Draft) -> bool:
    name = draft.column_among({"insutype", "psn_type", "insu_admdvs", "year", "ym", "vali_flag", "psn_insu_stas", "region_code"})
    if name is None or any(name in row.touched for row in draft.rows):
        return False
    for row in draft.rows:
        change(row, name, int(str(row.values[name])))
    draft.options.setdefault("types", {})[name] = draft.chance.choice((pa.int32(), pa.int64()))
    return True


@mutation("parquet-typed")
def times_with_a_zone(draft: Draft) -> bool:
    """Told, or refused; the moment may be read in the zone or without it."""
    name = draft.column_among(TIMES - {"updt_time"})
    if name is None or any(name in row.touched for row in draft.rows):
        return False
    draft.options.setdefault("types", {})[name] = pa.timestamp("us", tz=draft.chance.choice(("Asia/Shanghai", "UTC")))
    for row in draft.rows:
        row.touched.add(name)
    draft.uncompared.add(name)
    draft.may_refuse = True
    draft.must_name.append(name)
    return True


@mutation("parquet-typed")
def times_of_96_bits(draft: Draft) -> bool:
    draft.options["parquet"] = {"use_deprecated_int96_timestamps": True}
    draft.may_refuse = True
    return True


@mutation("parquet", "parquet-typed")
def nested_column(draft: Draft) -> bool:
    name = draft.chance.choice([name for name in draft.columns if name in LISTS or name in IDENTITIES] or draft.columns)
    if name in draft.options.get("types", {}) or any(name in row.touched for row in draft.rows):
        return False
    for row in draft.rows:
        row.cells[name] = [str(row.cells[name])]
        row.doubt()
    draft.options.setdefault("types", {})[name] = pa.list_(pa.string())
    draft.must_refuse = True
    return True
