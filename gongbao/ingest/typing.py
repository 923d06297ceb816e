"""From text to the contract's types: every conversion is an SQL expression, so that no row passes through Python.

A column whose values are all plain already (one cheap test per value, in one pass over the file) gets the simplest
expression; only the others get the expressions that repair, and only for those are faults looked for and repairs counted.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import duckdb

from gongbao.contracts import Column, Record
from gongbao.ingest.cleaning import BREAK, DESTROYED, ESCAPED, INVISIBLE, QUOTES, ZEROED
from gongbao.ingest.codes import FREE_CODE, CodeReader, words_of
from gongbao.ingest.reading import BAD, LINE_DELIMITER, Delivery, Part, TextDelivery, ident, literal

IDENTITY_CARD = "01"
WAN = {"元": 1, "yuan": 1, "万元": 10_000}  # units of an amount that are known, and the yuan in one

CHANCE = {length: 10.0 ** (15 - length) for length in range(16, 21)}  # places of a number → how often by chance only zeros follow the 15th digit

# Plain values by kind, as RE2 patterns of the whole value. Dates are exact, so that a plain date can always be cast.
PLAIN_DATE = (
    r"\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|\d{2}(?:0[48]|[2468][048]|[13579][26])-02-29"
)
PLAIN_TIME = rf"(?:{PLAIN_DATE})(?: (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)?"
PLAIN_TEXT = r"[A-Za-z_-]*\d[0-9A-Za-z_-]*"  # a digit at least, so that no word for an empty cell is one
PLAIN_CERTIFICATE = r"\d{17}[\dX]"
# The plain values that are not ZEROED: they begin otherwise, are shorter, or something else than a zero follows the 15 digits.
NOT_ZEROED = {
    PLAIN_TEXT: r"[A-Za-z_-]+\d[0-9A-Za-z_-]*|0[0-9A-Za-z_-]*|[1-9]\d{0,14}(?:[A-Za-z_-][0-9A-Za-z_-]*)?|[1-9]\d{14}0*[1-9A-Za-z_-][0-9A-Za-z_-]*",
    PLAIN_CERTIFICATE: r"0\d{16}[\dX]|[1-9]\d{14}(?:[1-9]\d[\dX]|0[1-9][\dX]|00[1-9X])",
}
PLAIN_MONTH = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])"
SHOWN = r"[-+0-9.,:/ %年月日时分秒元万亿千百十零〇一二三四五六七八九点约不详待核TZEe]{1,20}"
TELEPHONE_DIGITS = 11  # a text with so many digits is never shown
LEFT_OUT = ("total", "note", "empty")  # kinds of rows that are none of data
DESTROYED_ROWS, DESTROYED_SHARE = 5, 0.01  # from so many destroyed numbers on, or above this share, a file is refused
SAMPLE = 5_000  # rows that tell which columns need the long way from the start
RARE = 0.02  # what a sample holds at most so often is rare in all rows too: its lines are looked at one by one

EXPECTED = {
    "number": ("数字", "a number"),
    "whole_number": ("整数", "a whole number"),
    "date": ("日期 yyyy-mm-dd、yyyymmdd 或 yyyy/m/d", "a date: yyyy-mm-dd, yyyymmdd or yyyy/m/d"),
    "time": ("日期或时间 yyyy-mm-dd hh:mm:ss", "a date or time: yyyy-mm-dd hh:mm:ss"),
    "birth_date": ("日期或年月", "a date or a month"),
    "unit": ("元 或 万元", "元 or 万元"),
    "destroyed_number": (
        "完整号码（被电子表格变成科学记数法或小数，数字已丢失）",
        "a whole number (a spreadsheet turned it into scientific notation or a decimal, digits are lost)",
    ),
    "error_cell": ("值，而不是电子表格的错误值", "a value, not the error of a spreadsheet"),
    "fields": ("与表头相同的字段数", "as many fields as the header has"),
    "quote": ("成对的引号", "paired quotes"),
}


def _is_handful(destroyed: int, values: int) -> bool:
    """Whether so many destroyed numbers are the column's and not those of single rows."""
    return destroyed >= DESTROYED_ROWS or destroyed > DESTROYED_SHARE * values


def _zeroed(cell: str) -> str:
    """SQL: a number of more than 15 digits has only zeros after the 15th."""
    return f"(case when ends_with({cell}, '0') and strlen({cell}) > 15 then regexp_full_match({cell}, '{ZEROED}') else false end)"


def _by_length(cell: str) -> str:
    """SQL: how probable it is that a number of that length ends so."""
    return f"case strlen({cell}) {' '.join(f'when {length} then {chance:.0e}' for length, chance in CHANCE.items())} end"


def _at_most_by_chance(found: int, expected: float) -> float:
    """The most that chance gives `found` or more, where fewer are `expected`: a bound of Poisson's law."""
    return math.exp(found - expected + found * math.log(expected / found)) if found and expected else float(not found)


def layout(record: Record) -> list[tuple[str, str]]:
    """Names and types of rows.parquet, in order."""
    columns = []
    for column in record.columns:
        columns.append((column.name, column.data_type))
        if column.personal == "certificate":
            columns.append(("certno_check", "varchar"))
            if record.compares_certificates:
                columns.append(("certno_conflict", "varchar"))
    return [*columns, ("src_batch_id", "varchar"), ("src_row_no", "bigint"), ("src_received_on", "date")]


@dataclass
class Numbers:
    """Counts of a column of long numbers: values, those in scientific notation or decimal, those that have only zeros after the
    15th digit, and how many by chance end so."""

    values: int
    destroyed: int
    zeros: int
    chance: float


@dataclass
class Profile:
    """What one pass over the rows told: counts of rows by kind, and the columns that are not plain throughout."""

    rows: int = 0  # 0 while they are not counted
    totals: int = 0
    notes: int = 0
    empty: int = 0
    broken: int = 0
    dirty: set[str] = field(default_factory=set)
    full: set[str] = field(default_factory=set)  # required columns without an empty cell
    destroyed: dict[str, tuple[int, int]] = field(default_factory=dict)  # column → (destroyed values, values)
    numbers: dict[str, Numbers] = field(default_factory=dict)  # columns of long numbers that are counted
    odd: TextDelivery | None = None  # the lines that are not ordinary, where whole lines were looked at
    left_open: set[str] = field(default_factory=set)  # columns that made no line odd, whatever stood in them
    null_words: tuple[str, ...] = ()  # all that the file contains

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
        self.dirty: set[str] = set()
        self.mapped: set[str] = set()
        self.with_errors: set[str] = set()  # required columns of codes in which errors of a spreadsheet stand
        self.filtered = False
        self.null_words = record.null_words  # those that the reader looks for: each costs it a comparison with every value
        self.odd: TextDelivery | None = None  # rows among which are all that have something to repair in a column not left open
        self.left_open: set[str] = set()
        self.in_units = "unit" in self.have and record.by_name["unit"].kind == "unit"

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
        inner = ", ".join(
            [ident(column.name) for column in self.columns if column.name in self.names] + [f"{first} as first_cell", f"{filled} as filled", "row_no"]
        )
        constants = "".join(f", {literal(value)} as {ident(name)}" for name, value in self.constants.items() if name in self.have)
        return (
            f"select * exclude (first_cell, filled), {kind} as kind{constants} from (select {inner} from "
            f"({self.delivery.relation(self.names, self.null_words, part)}))"
        )

    def _is_category(self, column: Column) -> bool:
        """Few distinct values: repaired once a value, not once a row."""
        return bool(column.code_list) or column.kind in ("month", "year", "unit", "code")

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
            return PLAIN_CERTIFICATE
        if column.code_list == "region":
            return r"\d{6}"
        if column.code_list:
            return "|".join(re.escape(code) for code in sorted(words_of(self.record, column.code_list).codes))
        return {"month": PLAIN_MONTH, "year": r"\d{4}", "unit": "|".join(WAN), "code": FREE_CODE}.get(column.kind, PLAIN_TEXT)

    def _is_plain(self, column: Column, cell: str) -> str:
        """SQL: a cell needs no repair."""
        escaped = f" and not contains({cell}, '_x')" if self._plain(column) == PLAIN_TEXT else ""
        return f"(regexp_full_match({cell}, {literal(self._plain(column))}){escaped})"

    def _long_numbers(self) -> list[Column]:
        """Columns of long numbers that a spreadsheet may have destroyed: persons, certificates, keys."""
        return [column for column in self.columns if column.personal in ("person_number", "certificate") or column.kind == "key"]

    def profile(self) -> Profile:
        """Find the columns that are not plain and the rows that are not ordinary. Raises duckdb.Error when the file is not a table."""
        self.null_words = self.record.null_words
        profile = self._profile_lines() or self._profile_values()
        self.null_words, self.odd, self.left_open = profile.null_words, profile.odd, profile.left_open
        self._look_at_numbers(profile)
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
        if len(sample.full) * 2 < len([name for name in self.record.required if name in self.names]):
            return None  # words could pass for a row
        left_open = {name for name in self.names if name in sample.dirty or name not in self.have}
        null_words = self._null_words_in(f"{delivery.lines()} limit {SAMPLE}", delivery)
        columns = [column for column in self._long_numbers() if column.name in self.names and column.name not in left_open]
        _, numbers = self._count_numbers(columns, sample.dirty, SAMPLE)
        watched = {name for name, counts in numbers.items() if counts.zeros <= RARE * SAMPLE}
        filled = {column.name for column in columns if column.personal == "certificate" and numbers[column.name].values >= (1 - RARE) * SAMPLE} & watched
        odd_file = delivery.work / "odd_lines.csv"
        odd = self.connection.execute(
            f"copy (select line from ({delivery.lines()}) where not coalesce({self._ordinary_line(delivery, sample, left_open, null_words, watched, filled)}, false)) "
            f"to {literal(str(odd_file))} (format csv, header false, delimiter {literal(LINE_DELIMITER)}, quote '', escape '')"
        ).fetchall()[0][0]
        if odd > delivery.data_lines / 10:
            return None
        profile, numbers = Profile(), {column.name: Numbers(0, 0, 0, 0) for column in columns}
        odd_lines = replace(delivery, readable=odd_file, header_lines=0, data_lines=odd, line_wise=True)
        if odd:
            with self._reading(odd_lines):
                profile = self._profile_values()
                _, numbers = self._count_numbers(columns, profile.dirty)
            null_words |= self._null_words_in(odd_lines.lines(), delivery)
        profile.dirty |= sample.dirty
        is_whole = profile.rows == odd  # no line is blank
        profile.rows = delivery.data_lines if is_whole else 0
        for name in watched - profile.dirty if is_whole else ():
            counts = numbers[name]
            if name in filled:  # every other line has one, of 18 places
                counts = replace(counts, values=counts.values + delivery.data_lines - odd, chance=counts.chance + (delivery.data_lines - odd) * CHANCE[18])
            if name in filled or not counts.zeros:
                profile.numbers[name] = counts
        profile.odd, profile.left_open = odd_lines, left_open
        profile.null_words = tuple(word for word in self.record.null_words if word in null_words or not word)
        return profile

    @contextmanager
    def _reading(self, delivery: Delivery) -> Iterator[None]:
        """For a while the rows are those of another delivery."""
        self.delivery, own = delivery, self.delivery
        try:
            yield
        finally:
            self.delivery = own

    def _null_words_in(self, lines: str, delivery: TextDelivery) -> set[str]:
        """The null words that stand for a value in `lines` (SQL) without quotes."""
        words, delimiter = [word for word in self.record.null_words if word], literal(delivery.delimiter)
        found = ", ".join(f"bool_or(contains(cells, {literal(delivery.delimiter + word + delivery.delimiter)}))" for word in words)
        found = self.connection.execute(f"select {found} from (select {delimiter} || line || {delimiter} as cells from ({lines}))").fetchall()[0]
        return {word for word, is_there in zip(words, found, strict=True) if is_there}

    def _ordinary_line(self, delivery: TextDelivery, sample: Profile, left_open: set[str], null_words: set[str], watched: set[str], filled: set[str]) -> str:
        """SQL: the line is an ordinary row: plain values in all columns not left open, none empty in those that are full in the sample
        or `filled`, no null word but `null_words`, those of the sample, and no number with zeros after the 15th digit in those `watched`."""
        delimiter = re.escape(delivery.delimiter)
        every_null_word = {word for word in self.record.null_words if word}
        full, foreign = sample.full - sample.dirty, every_null_word - null_words if left_open else set()
        if len(full) * 2 < len([name for name in self.record.required if name in self.names]):  # a column that is not plain is full when it holds no null word
            full, foreign = sample.full, every_null_word
        cells = []
        for name in self.names:
            pattern = f"[^{delimiter}]+" if name in left_open else self._plain(self.record.by_name[name])
            if name in watched:
                pattern = NOT_ZEROED[pattern]
            cells.append(f"(?:{pattern})" if name in full | filled else f"(?:{'|'.join([pattern, *map(re.escape, sorted(null_words))])})?")
        row = literal(delimiter.join(cells))
        without_foreign = f" and not regexp_matches(line, {literal(rf'(?:^|{delimiter})(?:{self._any_of(foreign)})(?:{delimiter}|$)')})" if foreign else ""
        # a row without values, or whose first value says that it is a total
        nulls, words = self._any_of(every_null_word), self._total_words()
        first = self.names[0]
        if first in full and first not in left_open and self._is_word_free(self._plain(self.record.by_name[first]), every_null_word):
            return f"(regexp_full_match(line, {row}) and not contains(line, '_x'){without_foreign})"
        unusual = literal(rf"^(?:(?:{nulls})?{delimiter})*(?:$|(?:{nulls})$|[\s　]*(?:{words})|[^{delimiter}]*(?:{words})[\s　:：]*(?:{delimiter}|$))")
        return f"(regexp_full_match(line, {row}) and not regexp_matches(line, {unusual}) and not contains(line, '_x'){without_foreign})"

    def _is_word_free(self, plain: str, null_words: set[str]) -> bool:
        """Whether no value of a pattern is a null word or says that its row is a total."""
        return plain.isascii() and not any(word.isascii() for word in self.record.total_row_words) and not any(re.fullmatch(plain, word) for word in null_words)

    @staticmethod
    def _any_of(words: Iterable[str]) -> str:
        return "|".join(map(re.escape, sorted(words)))

    def _total_words(self) -> str:
        return "|".join(r"[\s　]*".join(re.escape(char) for char in word) for word in self.record.total_row_words)

    def _profile_values(self, limit: int | None = None) -> Profile:
        """The profile value by value, of all rows or of the first `limit`."""
        required = [name for name in self.record.required if name in self.names]
        counts = ["count(*)", "count(kind)", *(f"count(*) filter (kind = '{kind}')" for kind in LEFT_OUT)]
        counts += [f"count(*) filter (not {self._is_plain(column, ident(column.name))})" for column in self.columns]
        counts += [f"count({ident(name)}) = count(*)" for name in required]
        rows = self.rows() + (f" limit {limit}" if limit else "")
        found = iter(self.connection.execute(f"select {', '.join(counts)} from ({rows})").fetchall()[0])
        profile = Profile(rows=next(found), broken=next(found), totals=next(found), notes=next(found), empty=next(found), null_words=self.record.null_words)
        profile.broken -= profile.totals + profile.notes + profile.empty
        dirty, full = ([next(found) for _ in group] for group in (self.columns, required))
        profile.dirty = {column.name for column, count in zip(self.columns, dirty, strict=True) if count}
        profile.full = {name for name, is_full in zip(required, full, strict=True) if is_full}
        return profile

    def _count_numbers(self, columns: list[Column], dirty: set[str], limit: int | None = None) -> tuple[int, dict[str, Numbers]]:
        """The rows, and the counts of columns of long numbers by name, over all rows or the first `limit`."""
        counts = ["count(*)"]
        for column in columns:
            cell = self._number(column, dirty)
            counts += [
                f"count({ident(column.name)})",
                f"count(*) filter (regexp_full_match({cell}, '{DESTROYED}'))" if column.name in dirty else "0",
                f"count(*) filter ({_zeroed(cell)})",
                f"coalesce(sum({_by_length(cell)}), 0)",
            ]
        relation = self.delivery.relation(self.names, self.null_words) + (f" limit {limit}" if limit else "")
        rows, *found = self.connection.execute(f"select {', '.join(counts)} from ({relation})").fetchall()[0]
        return rows, {column.name: Numbers(*found[4 * at :][:4]) for at, column in enumerate(columns)}

    @staticmethod
    def _number(column: Column, dirty: set[str]) -> str:
        """SQL of a long number without what may stand around it."""
        return f"bare({ident(column.name)})" if column.name in dirty else ident(column.name)

    def _look_at_numbers(self, profile: Profile) -> None:
        """Count the rows, and note the columns of long numbers that a spreadsheet has destroyed: numbers in scientific notation, and
        those cut to the 15 digits that a double keeps."""
        columns = [column for column in self._long_numbers() if column.name in self.names]
        left = [column for column in columns if column.name not in profile.numbers]
        if left or not profile.rows:
            profile.rows, counted = self._count_numbers(left, profile.dirty)
            profile.numbers |= counted
        for column in columns:
            counts = profile.numbers[column.name]
            destroyed = counts.destroyed
            if _is_handful(counts.zeros, counts.values) and counts.zeros > 2 * counts.chance and self._is_cut(self._number(column, profile.dirty)):
                destroyed += counts.zeros
            if _is_handful(destroyed, counts.values):
                profile.destroyed[column.name] = (destroyed, counts.values)

    def _is_cut(self, cell: str) -> bool:
        """Whether the numbers of a column (`cell`: its SQL) that end in zeros after the 15th digit were cut there.

        Numbers that run on from one to the next end so too, once in every run, and others do by chance. Cut numbers show in two
        ways: several have become one, which is then more frequent than any whole number; or they stand alone, no whole number
        has their first 15 digits, and they are more than chance would give.
        """
        relation = self.delivery.relation(self.names, self.null_words)
        often_cut, often_whole, alone, chance = self.connection.execute(f"""
            with numbers as (select {cell} as number, count(*) as n from ({relation}) where strlen({cell}) > 15 group by 1),
            told as (select *, {_zeroed("number")} as is_zeroed, bool_and({_zeroed("number")}) over (partition by left(number, 15)) as is_alone from numbers)
            select max(n) filter (is_zeroed), coalesce(max(n) filter (not is_zeroed), 0), count(*) filter (is_zeroed and is_alone), coalesce(sum({_by_length("number")}), 0) from told""").fetchall()[0]
        return (often_cut >= DESTROYED_ROWS and often_cut > 2 * often_whole) or (alone > 2 * chance and _at_most_by_chance(alone, chance) < 1e-4)

    def line_breaks(self) -> tuple[int, bool]:
        """Line breaks inside quoted cells, and whether one of these cells holds as many delimiters as a row has:
        then an unpaired quote has eaten rows."""
        delimiter = literal(self.delivery.delimiter)
        breaks = " + ".join(f"coalesce(strlen({ident(name)}) - strlen(replace({ident(name)}, chr(10), '')), 0)" for name in self.names)
        eaten = " or ".join(
            f"(contains({ident(name)}, chr(10)) and strlen({ident(name)}) - strlen(replace({ident(name)}, {delimiter}, '')) >= {len(self.names) - 1})"
            for name in self.names
        )
        relation = self.delivery.relation(self.names, self.null_words)
        return self.connection.execute(f"select sum({breaks}), coalesce(bool_or({eaten}), false) from ({relation})").fetchall()[0]

    # ------------------------------------------------------------ codes

    def map_codes(self) -> tuple[Counter[str], list[CodeReader]]:
        """For the columns of codes that are not plain: one table `map_<column>` (raw, value) of the distinct texts that are not their value.

        Returns the repairs by `column.name`, and the readers of columns with texts that are no code.
        """
        columns = [column for column in self.columns if self._is_category(column) and column.name in self.dirty]
        repairs: Counter[str] = Counter()
        readers: list[CodeReader] = []
        if not columns:
            return repairs, readers
        names = ", ".join(ident(column.name) for column in columns)
        sets = ", ".join(f"({ident(column.name)})" for column in columns)
        with self._reading(self.delivery if self.odd is None or self.left_open & {column.name for column in columns} else self.odd):
            # where every row is one of data, the other columns need not be read to tell so
            rows = f"({self.rows()}) where kind is null" if self.filtered or self.constants else f"({self.delivery.relation(self.names, self.null_words)})"
        self.connection.execute(
            f"create or replace temp table distinct_codes as select {names}, grouping_id({names}) as grouped, count(*) as n from {rows} group by grouping sets ({sets})"
        )
        for at, column in enumerate(columns):
            cell, grouped = ident(column.name), (1 << len(columns)) - 1 ^ (1 << (len(columns) - 1 - at))
            parsed = f"as_{column.kind}({{}})".format if column.kind in ("month", "year") else "cast(null as varchar)".format
            kinds = {name: condition for name, condition in self._marks(cell).items()}
            kinds["trailing_zero"] = f"regexp_matches({cell}, '\\d\\.0+\\s*$')"
            texts = self.connection.execute(
                f"select raw, n, text, is_error(text), {parsed('text')}, marks from (select {cell} as raw, n, without_tail(bare({cell})) as text, "
                f"[{', '.join(kinds.values())}] as marks from distinct_codes where grouped = {grouped} and {cell} is not null) order by n desc, raw"
            ).fetchall()
            reader, values = CodeReader(self.record, column), []
            if column.required and any(is_error for _, _, _, is_error, _, _ in texts):
                self.with_errors.add(column.name)
            for raw, rows, text, is_error, read, marks in texts:
                repairs.update({f"{column.name}.{kind}": rows for kind, found in zip(kinds, marks, strict=True) if found})
                value, repair = (
                    (None, "")
                    if text in self.record.null_words
                    else (text if column.required else None, "error_cell")
                    if is_error
                    else reader.read(text, read, rows)
                )
                if repair and not (is_error and column.required):
                    repairs[f"{column.name}.{repair}"] += rows
                if raw != value:
                    values.append((raw, value))
            if reader.shared or reader.masked:
                readers.append(reader)
            if values:
                table = ident(f"map_{column.name}")
                self.connection.execute(
                    f"create or replace temp table {table} as select unnest($1) as raw, unnest($2::varchar[]) as value",
                    [[raw for raw, _ in values], [value for _, value in values]],
                )
                self.mapped.add(column.name)
        return repairs, readers

    def rows_with(self, column: Column, texts: list[str]) -> list[int]:
        """The first numbers of the rows that hold one of some (bare) texts."""
        cell, among = ident(column.name), ", ".join(literal(text) for text in texts)
        return self.connection.execute(
            f"select coalesce(min(row_no, 5), []) from ({self.rows()}) where kind is null and without_tail(bare({cell})) in ({among})"
        ).fetchall()[0][0]

    def _marks(self, cell: str) -> dict[str, str]:
        """Kind of repair → SQL: what is taken off a delivered cell to make it bare."""
        quotes = QUOTES.replace("'", "''")
        return {
            "full_width": f"narrow({cell}) <> {cell}",
            "invisible": f"regexp_matches({cell}, '{INVISIBLE}')",
            "escaped": f"regexp_matches({cell}, '{ESCAPED}')",
            "spaces": f"regexp_matches(visible({cell}), '^ | $') or regexp_matches({cell}, '^{BREAK}|{BREAK}$')",
            "apostrophe": f"regexp_matches(trim(visible({cell})), '^[{quotes}]|^[^=].*[{quotes}]$')",
            "formula_text": f"starts_with(trim(visible({cell})), '=')",
        }

    # ------------------------------------------------------------ values

    def _texts(self, with_raw: bool = False, only_odd: bool = False, part: Part = None) -> str:
        """SQL of the rows with repaired text: codes mapped, other values that are not plain laid bare.

        `with_raw` adds the delivered text as `raw_<column>`; `only_odd` leaves out the rows that have no such value and are ordinary.
        """
        nulls = ", ".join(literal(word) for word in self.record.null_words)
        cells, joins, odd = ["row_no", "kind"], [], ["kind is not null"]
        for column in self.columns:
            name = ident(column.name)
            if column.name in self.dirty and self._is_category(column):
                value = f"raw_rows.{name}"
                if column.name in self.mapped:
                    joins.append(f"left join {ident('map_' + column.name)} on raw_rows.{name} = {ident('map_' + column.name)}.raw")
                    value = f"case when {ident('map_' + column.name)}.raw is null then {value} else {ident('map_' + column.name)}.value end"
                cells.append(f"{value} as {name}")
                if column.name in self.with_errors:
                    odd.append(f"is_error({value})")
            elif column.name in self.dirty:
                plain = self._is_plain(column, f"raw_rows.{name}")
                text = f"bare(raw_rows.{name})"
                if column.personal or column.kind == "key":
                    text = f"identity(raw_rows.{name})"
                elif not column.data_type.startswith("decimal"):
                    text = f"without_tail({text})"
                if column.personal == "certificate":
                    text = f"upper({text})"
                # an error where a text may be absent is an absent text; anywhere else it is a fault
                error = f"when is_error({text}) then null " if column.data_type == "varchar" and not column.required else ""
                cells.append(f"case when {plain} then raw_rows.{name} when {text} in ({nulls}) then null {error}else {text} end as {name}")
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
            return (
                f"cast({name} as integer)"
                if plain
                else f"try_cast(case when regexp_full_match(ungrouped({name}), '[-+]?\\d+(\\.0*)?') then ungrouped({name}) end as integer)"
            )
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
                "birth_date"
                if column.personal == "birth_date"
                else "date"
                if kind == "date"
                else "time"
                if kind == "timestamp"
                else "whole_number"
                if kind == "integer"
                else "number"
                if kind.startswith("decimal")
                else ""
            )
            if column.name in self.with_errors or reason or (column.required and not self._is_category(column)):
                faults.append((column, "error_cell", f"is_error({name})"))
            if column.kind == "unit" and self.in_units:
                faults.append((column, "unit", f"{self._factor()} is null"))
            elif reason:
                known_unit = f" and {self._factor()} is not null" if reason == "number" and self.in_units else ""
                faults.append((column, reason, f"{name} is not null and not is_error({name}){known_unit} and {self._value(column)} is null"))
            elif column in self._long_numbers():
                faults.append((column, "destroyed_number", f"regexp_full_match({name}, '{DESTROYED}')"))
        return faults

    def find_faults(self) -> None:
        """Fill the temporary table `faults` (row_no, kind, column_name, reason, shown): rows left out and unreadable rows.

        `shown` is the offending text where it can be no personal value: of at most 20 digits and signs of numbers and dates, with
        fewer digits than a telephone number, in a column that is not personal and the only fault of its row (else its cells
        may have moved). The error of a spreadsheet is always shown.
        """
        faults = self._faults()
        if not self.filtered and not faults:
            self.connection.execute("create or replace temp table faults (row_no bigint, kind varchar, column_name varchar, reason varchar, shown varchar)")
            return
        found = ", ".join(
            f"case when kind is null and {condition} then {{'column_name': {literal(column.name)}, 'reason': {literal(reason)}, "
            f"'shown': {'null' if column.personal and reason != 'error_cell' else ident(column.name)}}} end"
            for column, reason, condition in faults
        )
        nothing = "cast(null as struct(column_name varchar, reason varchar, shown varchar))"
        harmless = f"regexp_full_match(shown, {literal(SHOWN)}) and strlen(regexp_replace(shown, '\\D', '', 'g')) < {TELEPHONE_DIGITS} or is_error(shown)"
        self.connection.execute(f"""
            create or replace temp table faults as
            with found as (select row_no, kind, list_filter([{found or nothing}], lambda fault: fault is not null) as faults from ({self._texts(only_odd=True)})),
            first_fault as (
                select row_no, kind, faults[1].column_name as column_name, coalesce(faults[1].reason, case when kind not in {LEFT_OUT} then kind end) as reason,
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
            counts |= {f"{column.name}.{kind}": condition for kind, condition in self._marks(raw).items()}
            if column.data_type == "varchar" and not column.required:
                counts[f"{column.name}.error_cell"] = f"is_error(bare({raw}))"
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
                counts[f"{column.name}.trailing_zero"] = f"regexp_matches({raw}, '^\\D*\\d{{1,15}}\\.0+\\s*$')"
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
        """`texts` with `cert_type`, `cert_number` (18 digits where it had 15), `cert_digits` (the number of the first 17) and `certno_check`."""
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
            "when check_char(cert_digits) = right(cert_number, 1) then 'valid' else 'wrong_check_digit' end"
        )
        typed = f"select *, {self._cert_type()} as cert_type from ({texts})"
        numbered = f"select *, try_cast(left(cert_number, 17) as bigint) as cert_digits from (select *, {number} as cert_number from ({typed}))"
        return f"select *, {check} as certno_check from ({numbered})"

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

    def typed(self, batch_id: str, received_on: dt.date, in_parts: bool = True) -> str:
        """SQL of the typed rows in the layout of rows.parquet, of a batch and the day it came; unreadable rows and those of no data are left out.

        Numbering the rows ties a scan to one thread: a large text is read in parts, each by a scan of its own. Parts take less time
        to write, but more work and memory (DuckDB keeps what such a scan has read).
        """
        threads = self.connection.execute("select current_setting('threads')").fetchall()[0][0] if in_parts else 1
        return " union all ".join(f"({self._typed(batch_id, received_on, part)})" for part in self.delivery.parts(threads))

    def _typed(self, batch_id: str, received_on: dt.date, part: Part) -> str:
        texts = self._texts(part=part)
        if self.filtered:
            texts = f"select * from ({texts}) where kind is null and row_no not in (select row_no from faults)"
        with_number = "certno" in self.have
        if with_number:
            texts = self._certificates(texts)
        values = []
        for column in self.record.columns:
            name = ident(column.name)
            if column.kind == "key" and column.name in self.have:
                value = f"case when is_personal({name}) then keyed_hash('key|' || {name}) else {name} end"
            elif column.personal == "person_number" and column.name in self.have:
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
                if self.record.compares_certificates:
                    values.append(f"cast({self._conflict() if with_number else 'null'} as varchar) as certno_conflict")
        return f"select {', '.join(values)}, {literal(batch_id)} as src_batch_id, cast(row_no as bigint) as src_row_no, date '{received_on}' as src_received_on from ({texts})"
