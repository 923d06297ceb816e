"""From text to the contract's types: every conversion is an SQL expression, so that no row passes through Python.

A column whose values are all plain already (one cheap test per value, in one pass over the file) gets the simplest
expression; only the others get the expressions that repair, and only for those are faults looked for and repairs counted.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache

import duckdb

from gongbao.contracts import Column, Record, fold
from gongbao.ingest.reading import BAD, LINE_DELIMITER, Delivery, Part, TextDelivery, ident, literal
from gongbao.paths import project_dir

CERTIFICATE_RECORDS_WITH_CONFLICT = ("enrollment",)
IDENTITY_CARD = "01"
WAN = {"元": 1, "yuan": 1, "万元": 10_000}  # units of an amount that are known, and the yuan in one

# What offices write besides the names of the code lists.
SYNONYMS = {
    ("ledger_part", "统筹"): "pool",
    ("ledger_part", "统筹基金"): "pool",
    ("ledger_part", "个人账户"): "account",
    ("yes_no", "是"): "1",
    ("yes_no", "否"): "0",
    ("psn_cert_type", "居民身份证"): IDENTITY_CARD,
    ("psn_cert_type", "身份证"): IDENTITY_CARD,
}

# Plain values by kind, as RE2 patterns of the whole value. Dates are exact, so that a plain date can always be cast.
PLAIN_DATE = (
    r"\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|\d{2}(?:0[48]|[2468][048]|[13579][26])-02-29"
)
PLAIN_TIME = rf"(?:{PLAIN_DATE})(?: (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?"
PLAIN_TEXT = r"[0-9A-Za-z_:-]+"
SCIENTIFIC = r"\d(\.\d+)?[eE]\+\d+"  # what a spreadsheet makes of a long number
NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE]-\d+)?"
GROUPED = r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"
CLOCK = r"([ T]+\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
TELEPHONE_DIGITS = 11  # a text with so many digits is never shown
SAMPLE = 5_000  # rows that tell which columns need the long way from the start

EXPECTED = {
    "number": ("数字", "a number"),
    "whole_number": ("整数", "a whole number"),
    "date": ("日期 yyyy-mm-dd、yyyymmdd 或 yyyy/m/d", "a date: yyyy-mm-dd, yyyymmdd or yyyy/m/d"),
    "time": ("日期或时间 yyyy-mm-dd hh:mm:ss", "a date or time: yyyy-mm-dd hh:mm:ss"),
    "birth_date": ("日期或年月", "a date or a month"),
    "unit": ("元 或 万元", "元 or 万元"),
    "destroyed_number": ("完整号码（被电子表格变成科学记数法，数字已丢失）", "a whole number (a spreadsheet turned it into scientific notation, digits are lost)"),
    "fields": ("与表头相同的字段数", "as many fields as the header has"),
    "quote": ("成对的引号", "paired quotes"),
}


ZERO_WIDTH = "\ufeff\u200b\u200e\u200f"


@lru_cache(maxsize=1)
def _narrow() -> str:
    """SQL: `cell` with every character whose NFKC form is one ASCII character replaced by that character.

    `translate` takes time for each character of its table: so first a pattern that finds out whether there is anything
    to do (0.1 µs), then the table of full-width forms alone (5 µs), and the whole table (80 µs) only where it is needed.
    """
    pairs = [(chr(code), unicodedata.normalize("NFKC", chr(code))) for code in range(0x80, 0x20000)]
    pairs = [(wide, narrow) for wide, narrow in pairs if len(narrow) == 1 and narrow.isascii()]
    usual = [(wide, narrow) for wide, narrow in pairs if "！" <= wide <= "～" or wide in "\u3000\u00a0"]
    rare = [pair for pair in pairs if pair not in usual]

    def table(chosen: list[tuple[str, str]], extra: str = "") -> str:
        # `translate` deletes what has no partner: the signs without width
        return f"translate(cell, {literal(''.join(wide for wide, _ in chosen) + extra)}, {literal(''.join(narrow for _, narrow in chosen))})"

    def among(chosen: str) -> str:
        points = "".join(rf"\x{{{ord(char):x}}}" for char in chosen)
        return f"regexp_matches(cell, '[{points}]')"

    rare_chars, usual_chars = "".join(wide for wide, _ in rare) + ZERO_WIDTH, "".join(wide for wide, _ in usual)
    return (
        f"case when strlen(cell) = length(cell) then cell when {among(rare_chars)} then {table(pairs, ZERO_WIDTH)} "
        f"when {among(usual_chars)} then {table(usual)} else cell end"
    )


def _check_sum(number: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return " + ".join(f"(({number} // {10 ** (16 - at)}) % 10) * {weight}" for at, weight in enumerate(weights))


def _code_lists() -> tuple[dict[str, set[str]], dict[tuple[str, str], str]]:
    """Known codes by list, and (list, folded Chinese name) → code where the name is unique.

    A name shared by a code and its own sub-codes means the code; any other shared name means nothing.
    """
    codes: dict[str, set[str]] = {}
    names: dict[tuple[str, str], list[str]] = {}
    seeds = project_dir() / "seeds" / "codes"
    rows: list[tuple[str, str, str]] = []
    for path, columns in ((seeds / "code_lists.csv", ("list", "code", "name_zh")), (seeds / "regions.csv", ("", "region_code", "name_zh"))):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                rows += [(row[columns[0]] if columns[0] else "region", row[columns[1]], row[columns[2]]) for row in csv.DictReader(file)]
    for name, code, label in rows:
        codes.setdefault(name, set()).add(code)
        names.setdefault((name, fold(label)), []).append(code)
    unique = dict(SYNONYMS)
    for key, found in names.items():
        shortest = min(found, key=len)
        if all(code.startswith(shortest) for code in found):
            unique[key] = shortest
    return codes, unique


def codes_of(record: Record) -> list[tuple[str, str, str]]:
    """The code lists of a record's columns as the door reads them: (list, code or folded name, code), in order."""
    lists = {column.code_list for column in record.columns if column.code_list}
    codes, names = _code_lists()
    known = [(name, code, code) for name in lists for code in codes.get(name, ())]
    return sorted(known + [(name, text, code) for (name, text), code in names.items() if name in lists])


def province_codes() -> list[str]:
    """The codes of the provinces."""
    return sorted(code for code in _code_lists()[0]["region"] if code.endswith("0000"))


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the macros and the code tables that the expressions use."""
    moment = (
        f"case when regexp_full_match(cell, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}{CLOCK}') then try_cast(replace(cell, 'T', ' ') as timestamp) "
        f"when regexp_full_match(cell, '\\d{{8}}') then try_strptime(cell, '%Y%m%d') "
        f"when regexp_full_match(cell, '\\d{{14}}') then try_strptime(cell, '%Y%m%d%H%M%S') "
        f"when regexp_full_match(cell, '\\d{{4}}/\\d{{1,2}}/\\d{{1,2}}{CLOCK}') then try_cast(replace(replace(cell, '/', '-'), 'T', ' ') as timestamp) "
        f"when regexp_full_match(cell, '\\d{{8}}{CLOCK}') then "
        f"try_cast(left(cell, 4) || '-' || substr(cell, 5, 2) || '-' || replace(substr(cell, 7), 'T', ' ') as timestamp) end"
    )
    month = (
        "case when regexp_full_match(cell, '\\d{6}') then try_strptime(cell || '01', '%Y%m%d') "
        "when regexp_full_match(cell, '\\d{4}[-/]\\d{1,2}') then try_cast(replace(cell, '/', '-') || '-01' as timestamp) else as_moment(cell) end"
    )
    for macro in (
        f"narrow(cell) as {_narrow()}",
        "bare(cell) as trim(ltrim(trim(narrow(cell), ' \t'), ''''), ' \t')",
        "without_tail(cell) as regexp_replace(cell, '^(\\d+)\\.0$', '\\1')",
        f"ungrouped(cell) as case when regexp_full_match(cell, '{GROUPED}') then replace(cell, ',', '') else cell end",
        f"as_number(cell) as case when regexp_full_match(cell, '{NUMBER}') then cell end",
        f"as_moment(cell) as {moment}",
        f"as_birth(cell) as {month}",
        f"check_char(number) as substr('10X98765432', 1 + cast(({_check_sum('number')}) % 11 as integer), 1)",
    ):
        connection.execute(f"create or replace temp macro {macro}")
    codes, names = _code_lists()
    connection.execute("create or replace temp table known_codes (list varchar, code varchar)")
    connection.execute("create or replace temp table known_names (list varchar, name varchar, code varchar)")
    rows = [(name, code) for name, found in codes.items() for code in found]
    if rows:
        connection.execute("insert into known_codes select unnest($1), unnest($2)", [[row[0] for row in rows], [row[1] for row in rows]])
    if names:
        keys = list(names)
        connection.execute(
            "insert into known_names select unnest($1), unnest($2), unnest($3)", [[key[0] for key in keys], [key[1] for key in keys], [names[key] for key in keys]]
        )


def has_certificate(record: Record) -> bool:
    return any(column.personal == "certificate" for column in record.columns)


def layout(record: Record) -> list[tuple[str, str]]:
    """Names and types of rows.parquet, in order."""
    columns = []
    for column in record.columns:
        columns.append((column.name, column.data_type))
        if column.personal == "certificate":
            columns.append(("certno_check", "varchar"))
            if record.name in CERTIFICATE_RECORDS_WITH_CONFLICT:
                columns.append(("certno_conflict", "varchar"))
    return [*columns, ("src_batch_id", "varchar"), ("src_row_no", "bigint")]


@dataclass
class Profile:
    """What one pass over the rows told: counts of rows by kind, and the columns that are not plain throughout."""

    rows: int = 0
    totals: int = 0
    notes: int = 0
    empty: int = 0
    broken: int = 0
    dirty: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)  # required columns without an empty cell
    zeros: set[str] = field(default_factory=set)  # columns of long numbers of which suspiciously many end in three zeros
    destroyed: dict[str, tuple[int, int]] = field(default_factory=dict)  # column → (destroyed values, values)

    @property
    def special(self) -> bool:
        return bool(self.totals or self.notes or self.empty or self.broken)


class Typist:
    """The SQL for one file: `profile` first, then `find_faults`, then `typed`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, record: Record, delivery: Delivery, names: list[str], constants: dict[str, str]) -> None:
        self.connection = connection
        self.record = record
        self.delivery = delivery
        self.names = names
        self.constants = constants
        self.columns = [column for column in record.columns if column.name in names or column.name in constants]
        self.have = {column.name for column in self.columns}
        self.codes = self._codes_by_list()
        self.dirty: set[str] = set()
        self.mapped: set[str] = set()
        self.filtered = False
        self.in_units = record.name == "fund_ledger" and "unit" in self.have

    def _codes_by_list(self) -> dict[str, set[str]]:
        wanted = {column.code_list for column in self.columns if column.code_list}
        found: dict[str, set[str]] = {}
        for name, code in self.connection.execute("select list, code from known_codes").fetchall():
            if name in wanted:
                found.setdefault(name, set()).add(code)
        return found

    # ------------------------------------------------------------ the rows

    def rows(self, part: Part = None) -> str:
        """SQL of the rows as text: the contract's columns, `row_no` and `kind` (NULL for an ordinary row)."""
        first = f"coalesce({', '.join(ident(name) for name in self.names)})" if len(self.names) > 1 else ident(self.names[0])
        total, ends_total = literal(rf"^[\s　]*(?:{self._total_words()})"), literal(rf"(?:{self._total_words()})[\s　:：]*$")
        required = [name for name in self.record.required if name in self.names]
        filled = " + ".join(f"cast({ident(name)} is not null as integer)" for name in required) or "1"
        kind = (
            f"case when first_cell is null then 'empty' when starts_with(first_cell, {literal(BAD)}) then substr(first_cell, 2) "
            f"when strlen(first_cell) <> length(first_cell) and (regexp_matches(first_cell, {total}) or (regexp_matches(first_cell, {ends_total}) and filled < {len(required)})) then 'total' "
            f"when filled * 2 < {len(required)} then 'note' end"  # words, not a row: less than half of what a row must have
        )
        inner = ", ".join([ident(column.name) for column in self.columns if column.name in self.names] + [f"{first} as first_cell", f"{filled} as filled", "row_no"])
        constants = "".join(f", {literal(value)} as {ident(name)}" for name, value in self.constants.items() if name in self.have)
        return (
            f"select * exclude (first_cell, filled), {kind} as kind{constants} from (select {inner} from "
            f"({self.delivery.relation(self.names, self.record.null_words, part)}))"
        )

    def _is_category(self, column: Column) -> bool:
        """Few distinct values: repaired once a value, not once a row."""
        return bool(column.code_list) or column.name == "unit"

    def _plain(self, column: Column) -> str:
        """Pattern of the values that need no repair and can be cast as they are."""
        if column.personal == "birth_date" or column.data_type == "date":
            return PLAIN_DATE
        if column.data_type == "timestamp":
            return PLAIN_TIME
        if column.data_type == "integer":
            return r"-?\d{1,9}"
        if column.data_type.startswith("decimal"):
            precision, scale = map(int, re.findall(r"\d+", column.data_type))
            return rf"-?\d{{1,{precision - scale}}}(?:\.\d{{1,{scale}}})?"
        if column.personal == "certificate":
            return r"\d{17}[\dX]"
        if column.code_list == "region":
            return r"\d{6}"
        if known := self.codes.get(column.code_list):
            return "|".join(re.escape(code) for code in sorted(known))
        return PLAIN_TEXT

    def _long_numbers(self) -> list[Column]:
        """Columns of long numbers that a spreadsheet may have destroyed: persons, certificates, keys."""
        keys = {*self.record.key, "mdtrt_id", "init_setl_id", "rid"} if self.record.name in ("enrollment", "settlement", "cross_province") else set()
        return [column for column in self.columns if column.personal in ("person_number", "certificate") or column.name in keys]

    def profile(self) -> Profile:
        """Find the columns that are not plain and the rows that are not ordinary. Raises duckdb.Error when the file is not a table."""
        profile = self._profile_lines() or self._profile_values()
        numbers = [column for column in self._long_numbers() if column.name in profile.dirty | profile.zeros]
        if numbers:
            self._find_destroyed(numbers, profile)
        self.dirty = set(profile.dirty)
        self.filtered = profile.special
        if self.in_units:
            self.dirty |= {column.name for column in self.columns if column.unit == "yuan"} | {"unit"}
        return profile

    def _profile_lines(self) -> Profile | None:
        """The profile of a large text without quotes; None for any other file, or when too much of it is odd.

        One pattern for the whole line is five times faster than a pattern per value. A column that a sample shows not to be
        plain is left open in it; the lines that fail it are then profiled value by value, and only they.
        """
        delivery = self.delivery
        if not isinstance(delivery, TextDelivery) or delivery.quote or delivery.data_lines <= SAMPLE:
            return None
        sample = self._profile_values(SAMPLE)
        if len(sample.full - sample.dirty) * 2 < len([name for name in self.record.required if name in self.names]):
            return None  # words could pass for a row
        odd_file = delivery.work / "odd_lines.csv"
        odd = self.connection.execute(
            f"copy (select line from ({delivery.lines()}) where not coalesce({self._ordinary_line(delivery, sample)}, false)) "
            f"to {literal(str(odd_file))} (format csv, header false, delimiter {literal(LINE_DELIMITER)}, quote '', escape '')"
        ).fetchall()[0][0]
        if odd > delivery.data_lines / 10:
            return None
        profile = Profile()
        if odd:
            self.delivery = replace(delivery, readable=odd_file, header_lines=0, data_lines=odd, line_wise=True)
            try:
                profile = self._profile_values()
            finally:
                self.delivery = delivery
        profile.rows = self._count_lines(delivery) - (odd - profile.rows)
        profile.dirty |= sample.dirty
        profile.zeros |= sample.zeros
        return profile

    def _count_lines(self, delivery: TextDelivery) -> int:
        """Lines of data as DuckDB sees them; blank lines after the last row are among the odd ones that it does not give."""
        return self.connection.execute(f"select count(*) from ({delivery.lines()})").fetchall()[0][0]

    def _ordinary_line(self, delivery: TextDelivery, sample: Profile) -> str:
        """SQL: the line is an ordinary row: plain values in all columns that are plain in the sample, none empty in those that are full there."""
        nulls = "|".join(re.escape(word) for word in self.record.null_words if word)
        delimiter = re.escape(delivery.delimiter)
        cells = []
        for name in self.names:
            pattern = self._plain(self.record.by_name[name]) if name in self.have and name not in sample.dirty else f"[^{delimiter}]+"
            cells.append(f"(?:{pattern})" if name in sample.full - sample.dirty else f"(?:{pattern}|{nulls})?")
        row = literal(delimiter.join(cells))
        unusual = literal(rf"^(?:(?:{nulls})?{delimiter})*(?:$|(?:{nulls})$|[\s　]*(?:{self._total_words()}))")
        return f"(regexp_full_match(line, {row}) and not regexp_matches(line, {unusual}))"

    def _total_words(self) -> str:
        return "|".join(r"[\s　]*".join(re.escape(char) for char in word) for word in self.record.total_row_words)

    def _profile_values(self, limit: int | None = None) -> Profile:
        """The profile value by value, of all rows or of the first `limit`."""
        numbers = self._long_numbers()
        required = [name for name in self.record.required if name in self.names]
        kinds = ("total", "note", "empty")
        counts = ["count(*)", "count(kind)", *(f"count(*) filter (kind = '{kind}')" for kind in kinds)]
        counts += [f"count(*) filter (not regexp_full_match({ident(column.name)}, {literal(self._plain(column))}))" for column in self.columns]
        counts += [f"count(*) filter (ends_with({ident(column.name)}, '000'))" for column in numbers]
        counts += [f"count({ident(name)}) = count(*)" for name in required]
        rows = self.rows() + (f" limit {limit}" if limit else "")
        found = iter(self.connection.execute(f"select {', '.join(counts)} from ({rows})").fetchall()[0])
        profile = Profile(rows=next(found), broken=next(found), totals=next(found), notes=next(found), empty=next(found))
        profile.broken -= profile.totals + profile.notes + profile.empty
        dirty, zeros, full = ([next(found) for _ in group] for group in (self.columns, numbers, required))
        profile.dirty = {column.name for column, count in zip(self.columns, dirty, strict=True) if count}
        profile.full = {name for name, is_full in zip(required, full, strict=True) if is_full}
        profile.zeros = {column.name for column, count in zip(numbers, zeros, strict=True) if count >= 3 and count > profile.rows / 50}
        return profile

    def _find_destroyed(self, columns: list[Column], profile: Profile) -> None:
        """Note the columns whose long numbers a spreadsheet has destroyed: in scientific notation (over 1 %), or cut to the
        15 digits that a double keeps, which leaves zeros at the end (over half of those with 18 places or more)."""
        counts = []
        for column in columns:
            name = ident(column.name)
            counts += [
                f"count({name}) filter (kind is null)",
                f"count(*) filter (case when contains({name}, '+') then regexp_full_match(bare({name}), '{SCIENTIFIC}') end)",
                f"count(*) filter (strlen({name}) >= 18)",
                f"count(*) filter (case when ends_with({name}, '000') then regexp_full_match({name}, '\\d{{15}}0{{3,}}') end)",
            ]
        found = self.connection.execute(f"select {', '.join(counts)} from ({self.rows()})").fetchall()[0]
        for at, column in enumerate(columns):
            values, scientific, long, zeros = found[4 * at :][:4]
            if scientific > values / 100 or (zeros >= 3 and zeros > long / 2):
                profile.destroyed[column.name] = (max(scientific, zeros), values)

    def line_breaks(self) -> tuple[int, bool]:
        """Line breaks inside quoted cells, and whether one of these cells holds as many delimiters as a row has:
        then an unpaired quote has eaten rows."""
        delimiter = literal(self.delivery.delimiter)
        breaks = " + ".join(f"coalesce(strlen({ident(name)}) - strlen(replace({ident(name)}, chr(10), '')), 0)" for name in self.names)
        eaten = " or ".join(
            f"(contains({ident(name)}, chr(10)) and strlen({ident(name)}) - strlen(replace({ident(name)}, {delimiter}, '')) >= {len(self.names) - 1})" for name in self.names
        )
        relation = self.delivery.relation(self.names, self.record.null_words)
        return self.connection.execute(f"select sum({breaks}), coalesce(bool_or({eaten}), false) from ({relation})").fetchall()[0]

    # ------------------------------------------------------------ codes

    def map_codes(self) -> tuple[Counter[str], dict[str, list[str]]]:
        """For the code columns that are not plain: one table `map_<column>` (raw, value) over their distinct values.

        Returns the repairs by `column.name`, and per column up to three texts that no code list knows.
        """
        columns = [column for column in self.columns if self._is_category(column) and column.name in self.dirty]
        repairs: Counter[str] = Counter()
        unmatched: dict[str, list[str]] = {}
        if not columns:
            return repairs, unmatched
        names = ", ".join(ident(column.name) for column in columns)
        sets = ", ".join(f"({ident(column.name)})" for column in columns)
        self.connection.execute(
            f"create or replace temp table distinct_codes as select {names}, grouping_id({names}) as grouped, count(*) as n "
            f"from ({self.rows()}) where kind is null group by grouping sets ({sets})"
        )
        nulls = ", ".join(literal(word) for word in self.record.null_words)
        kinds = ("full_width", "apostrophe", "spaces", "trailing_zero", "zero_padded", "name_to_code")
        for at, column in enumerate(columns):
            table, grouped = ident(f"map_{column.name}"), (1 << len(columns)) - 1 ^ (1 << (len(columns) - 1 - at))
            known = f"list = {literal(column.code_list)}"
            self.connection.execute(f"""
                create or replace temp table {table} as
                with texts as (
                    select {ident(column.name)} as raw, n, without_tail(bare({ident(column.name)})) as text
                    from distinct_codes where grouped = {grouped} and {ident(column.name)} is not null
                ), codes as (select code from known_codes where {known}), labels as (select name, code from known_names where {known})
                select texts.raw, texts.n,
                    case when texts.text in ({nulls}) then null else coalesce(exact.code, padded.code, named.code, texts.text) end as value,
                    narrow(texts.raw) <> texts.raw as full_width, starts_with(trim(narrow(texts.raw)), '''') as apostrophe,
                    trim(narrow(texts.raw)) <> narrow(texts.raw) as spaces, regexp_matches(texts.raw, '\\d\\.0\\s*$') as trailing_zero,
                    exact.code is null and padded.code is not null as zero_padded,
                    coalesce(exact.code, padded.code) is null and named.code is not null as name_to_code,
                    coalesce(exact.code, padded.code, named.code) is null and {bool(column.code_list)} and not regexp_full_match(texts.text, '[ -~]+') as unmatched
                from texts
                left join codes as exact on exact.code = texts.text
                left join codes as padded on padded.code = '0' || texts.text
                left join labels as named on named.name = lower(regexp_replace(texts.text, '[\\s"'']', '', 'g'))""")
            counts = ", ".join(f"coalesce(sum(n) filter ({kind}), 0)" for kind in kinds)
            *found, changed = self.connection.execute(f"select {counts}, count(*) filter (value is distinct from raw) from {table}").fetchall()[0]
            repairs.update({f"{column.name}.{kind}": int(count) for kind, count in zip(kinds, found, strict=True) if count})
            texts = self.connection.execute(f"select left(raw, 20) from {table} where unmatched order by n desc, raw limit 3").fetchall()
            if texts:
                unmatched[column.name] = [row[0] for row in texts]
            if changed:
                self.mapped.add(column.name)
        return repairs, unmatched

    # ------------------------------------------------------------ values

    def _texts(self, with_raw: bool = False, only_odd: bool = False, part: Part = None) -> str:
        """SQL of the rows with repaired text: codes mapped, other values that are not plain laid bare.

        `with_raw` adds the delivered text as `raw_<column>`; `only_odd` leaves out the rows that have no such value and are ordinary.
        """
        nulls = ", ".join(literal(word) for word in self.record.null_words)
        cells, joins, odd = ["row_no", "kind"], [], ["kind is not null"]
        for column in self.columns:
            name = ident(column.name)
            if column.name in self.mapped:
                joins.append(f"left join {ident('map_' + column.name)} on raw_rows.{name} = {ident('map_' + column.name)}.raw")
                cells.append(f"{ident('map_' + column.name)}.value as {name}")
            elif column.name in self.dirty and not self._is_category(column):
                plain = f"regexp_full_match(raw_rows.{name}, {literal(self._plain(column))})"
                text = f"bare(raw_rows.{name})"
                if not column.data_type.startswith("decimal"):
                    text = f"without_tail({text})"
                if column.personal == "certificate":
                    text = f"upper({text})"
                cells.append(f"case when {plain} then raw_rows.{name} when {text} in ({nulls}) then null else {text} end as {name}")
                odd.append(f"not {plain}")
                if with_raw:
                    cells.append(f"raw_rows.{name} as {ident('raw_' + column.name)}")
            else:
                cells.append(f"raw_rows.{name}")
        where = f"where {' or '.join(odd)}" if only_odd and not self.in_units else ""
        return f"select {', '.join(cells)} from ({self.rows(part)}) as raw_rows {' '.join(joins)} {where}"

    def _factor(self) -> str:
        whens = " ".join(f"when {literal(unit)} then {factor}" for unit, factor in WAN.items())
        return f"case coalesce(unit, '元') {whens} end"

    def _value(self, column: Column) -> str:
        """SQL of the typed value from the repaired text; NULL when the text cannot be typed."""
        name, kind = ident(column.name), column.data_type
        plain = column.name not in self.dirty
        if column.personal == "birth_date":
            return f"cast(date_trunc('month', {'cast(' + name + ' as date)' if plain else 'as_birth(' + name + ')'}) as date)"
        if kind in ("date", "timestamp"):
            return f"cast({name} as {kind})" if plain else f"cast(as_moment({name}) as {kind})"
        if kind == "integer":
            return f"cast({name} as integer)" if plain else f"try_cast(case when regexp_full_match(ungrouped({name}), '[-+]?\\d+(\\.0*)?') then ungrouped({name}) end as integer)"
        if kind.startswith("decimal"):
            if plain:
                return f"cast({name} as {kind})"
            number = f"as_number(ungrouped({name}))"
            if self.in_units and column.unit == "yuan":
                return f"try_cast(try_cast({number} as decimal(28, 8)) * {self._factor()} as {kind})"
            return f"try_cast({number} as {kind})"
        return name

    def _faults(self) -> list[tuple[Column, str, str]]:
        """(column, reason, SQL condition on the repaired text) for every column that could hold an untypable value."""
        faults = []
        for column in self.columns:
            if column.name not in self.dirty:
                continue
            name, kind = ident(column.name), column.data_type
            reason = (
                "birth_date" if column.personal == "birth_date" else "date" if kind == "date" else "time" if kind == "timestamp"
                else "whole_number" if kind == "integer" else "number" if kind.startswith("decimal") else ""
            )
            if column.name == "unit" and self.in_units:
                faults.append((column, "unit", f"{self._factor()} is null"))
            elif reason == "number" and self.in_units:
                faults.append((column, reason, f"{name} is not null and {self._factor()} is not null and {self._value(column)} is null"))
            elif reason:
                faults.append((column, reason, f"{name} is not null and {self._value(column)} is null"))
            elif column in self._long_numbers():
                faults.append((column, "destroyed_number", f"regexp_full_match({name}, '{SCIENTIFIC}')"))
        return faults

    def find_faults(self, hide_words: bool) -> None:
        """Fill the temporary table `faults` (row_no, kind, column_name, reason, shown): total rows, empty rows and unreadable rows.

        `shown` is the offending text, at most 20 characters. It is NULL where it could be a personal value: in a personal
        column; in a row with several faults (its cells may have moved); with as many digits as a telephone number; and, with
        `hide_words` (the file brings names), where it is not ASCII.
        """
        faults = self._faults()
        if not self.filtered and not faults:
            self.connection.execute("create or replace temp table faults (row_no bigint, kind varchar, column_name varchar, reason varchar, shown varchar)")
            return
        found = ", ".join(
            f"case when kind is null and {condition} then {{'column_name': {literal(column.name)}, 'reason': {literal(reason)}, "
            f"'shown': {'null' if column.personal else ident(column.name)}}} end"
            for column, reason, condition in faults
        )
        nothing = "cast(null as struct(column_name varchar, reason varchar, shown varchar))"
        harmless = f"strlen(regexp_replace(shown, '\\D', '', 'g')) < {TELEPHONE_DIGITS}" + (" and strlen(shown) = length(shown)" if hide_words else "")
        self.connection.execute(f"""
            create or replace temp table faults as
            with found as (select row_no, kind, list_filter([{found or nothing}], lambda fault: fault is not null) as faults from ({self._texts(only_odd=True)})),
            first_fault as (
                select row_no, kind, faults[1].column_name as column_name, coalesce(faults[1].reason, case when kind not in ('total', 'note', 'empty') then kind end) as reason,
                    case when len(faults) = 1 then faults[1].shown end as shown
                from found where kind is not null or len(faults) > 0
            )
            select row_no, kind, column_name, reason, case when {harmless} then left(shown, 20) end as shown from first_fault""")
        self.filtered = bool(self.connection.execute("select count(*) from faults").fetchall()[0][0])

    def count_repairs(self) -> Counter[str]:
        """Repairs of the columns that are not plain and have no code list, by `column.name`."""
        counts: dict[str, str] = {}
        for column in self.columns:
            if column.name not in self.dirty or self._is_category(column):
                continue
            name, raw = ident(column.name), ident("raw_" + column.name)
            counts[f"{column.name}.full_width"] = f"narrow({raw}) <> {raw}"
            counts[f"{column.name}.apostrophe"] = f"starts_with(trim(narrow({raw})), '''')"
            counts[f"{column.name}.spaces"] = f"trim(narrow({raw})) <> narrow({raw})"
            if column.data_type.startswith("decimal"):
                scale = re.findall(r"\d+", column.data_type)[1]
                lost = f"regexp_matches(ungrouped({name}), '\\.\\d{{{scale}}}\\d*[1-9]|[eE]-')"
                if self.in_units and column.unit == "yuan":
                    exact = f"try_cast(as_number(ungrouped({name})) as decimal(28, 8)) * {self._factor()}"
                    lost = f"{exact} <> {self._value(column)}"
                    counts[f"{column.name}.wan_to_yuan"] = f"{name} is not null and unit = '万元'"
                counts[f"{column.name}.thousands"] = f"contains({name}, ',')"
                counts[f"{column.name}.rounded"] = lost
            else:
                counts[f"{column.name}.trailing_zero"] = f"regexp_matches({raw}, '^\\D*\\d+\\.0\\s*$')"
            if column.personal == "certificate":
                counts[f"{column.name}.upper_case"] = f"upper({raw}) <> {raw}"
                counts[f"{column.name}.fifteen_to_eighteen"] = f"{self._cert_type()} = '{IDENTITY_CARD}' and regexp_full_match({name}, '\\d{{15}}')"
        if not counts:
            return Counter()
        good = "kind is null" + (" and row_no not in (select row_no from faults)" if self.filtered else "")
        filters = ", ".join(f"count(*) filter ({condition})" for condition in counts.values())
        found = self.connection.execute(f"select {filters} from ({self._texts(with_raw=True, only_odd=True)}) where {good}").fetchall()[0]
        return Counter({name: count for name, count in zip(counts, found, strict=True) if count})

    def _cert_type(self) -> str:
        return f"coalesce(psn_cert_type, '{IDENTITY_CARD}')" if "psn_cert_type" in self.have else f"'{IDENTITY_CARD}'"

    def _certificates(self, texts: str) -> str:
        """`texts` with `cert_type`, `cert_number` (18 digits where it had 15) and `certno_check`."""
        number, form = "certno", ""
        if "certno" in self.dirty:  # else every number has 18 places
            century = "left(certno, 6) || '19' || substr(certno, 7)"
            number = (
                f"case when cert_type = '{IDENTITY_CARD}' and regexp_full_match(certno, '\\d{{15}}') "
                f"then {century} || check_char(try_cast({century} as bigint)) else certno end"
            )
            form = "not regexp_full_match(cert_number, '\\d{17}[\\dX]') or "
        check = (
            f"case when cert_number is null then 'absent' when cert_type <> '{IDENTITY_CARD}' then 'other_type' "
            f"when {form}try_strptime(substr(cert_number, 7, 8), '%Y%m%d') is null then 'malformed' "
            "when check_char(try_cast(left(cert_number, 17) as bigint)) = right(cert_number, 1) then 'valid' else 'wrong_check_digit' end"
        )
        return f"select *, {check} as certno_check from (select *, {number} as cert_number from (select *, {self._cert_type()} as cert_type from ({texts})))"

    def _conflict(self) -> str:
        """SQL: what a valid certificate number contradicts: sex, birth month, both, or NULL."""
        sex = "gend in ('1', '2') and (try_cast(substr(cert_number, 17, 1) as integer) % 2 = 1) <> (gend = '1')" if "gend" in self.have else "false"
        birth = "false"
        if "brdy" in self.have:
            value = self._value(self.record.by_name["brdy"])
            birth = f"{value} is not null and substr(cert_number, 7, 6) <> strftime({value}, '%Y%m')"
        return (
            f"case when certno_check <> 'valid' then null when coalesce({sex}, false) and coalesce({birth}, false) then 'both' "
            f"when {sex} then 'sex' when {birth} then 'birth' end"
        )

    def typed(self, batch_id: str) -> str:
        """SQL of the typed rows in the layout of rows.parquet; unreadable, total and empty rows are left out.

        Numbering the rows ties a scan to one thread: a large text is read in parts, each by a scan of its own.
        """
        threads = self.connection.execute("select current_setting('threads')").fetchall()[0][0]
        return " union all ".join(f"({self._typed(batch_id, part)})" for part in self.delivery.parts(threads))

    def _typed(self, batch_id: str, part: Part) -> str:
        texts = self._texts(part=part)
        if self.filtered:
            texts = f"select * from ({texts}) where kind is null and row_no not in (select row_no from faults)"
        with_number = "certno" in self.have
        if with_number:
            texts = self._certificates(texts)
        values = []
        for column in self.record.columns:
            name = ident(column.name)
            if column.personal == "person_number" and column.name in self.have:
                value = f"keyed_hash('psn_no|' || {name})"
            elif column.personal == "certificate" and column.name in self.have:
                value = "keyed_hash('cert|' || cert_type || '|' || cert_number)"
            elif column.name in self.have:
                value = self._value(column)
                if column.default is not None and column.data_type.startswith("decimal"):
                    value = f"coalesce({value}, {literal(column.default)})"
            else:
                value = literal(column.default)
            values.append(f"cast({value} as {column.data_type}) as {name}")
            if column.personal == "certificate":
                values.append(f"{'certno_check' if with_number else literal('absent')} as certno_check")
                if self.record.name in CERTIFICATE_RECORDS_WITH_CONFLICT:
                    values.append(f"cast({self._conflict() if with_number else 'null'} as varchar) as certno_conflict")
        return f"select {', '.join(values)}, {literal(batch_id)} as src_batch_id, cast(row_no as bigint) as src_row_no from ({texts})"
