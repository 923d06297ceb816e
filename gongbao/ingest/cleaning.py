"""What may stand around a value in a delivered cell, and how it is taken off: macros for DuckDB.

Every value goes one way: `visible` (half-width, no invisible sign), `bare` (no padding, no marks that a spreadsheet leaves),
for numbers of persons and keys `identity`. A value that is plain already never comes here.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import duckdb

from gongbao.ingest.reading import literal

NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE]-\d+)?"
GROUPED = r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?"
CLOCK = r"([ T]+\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
# A long number that a spreadsheet or a 64-bit float has held: its digits are lost.
DESTROYED = r"\d\.\d+[eE]\+?\d{1,2}|\d[eE]\+\d{1,2}|\d{16,}\.0+"
ZEROED = r"[1-9]\d{14}0+"  # of more than 15 digits only the first 15 are kept: true of one in ten of 16 digits, one in a hundred of 17, …
ERROR_CELL = r"#(N/A|NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|GETTING_DATA|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!|BUSY!|EXTERNAL!|PYTHON!)|ERR:\d{3}|#{3,}"
ESCAPED = r"_x(?:00[01][0-9A-Fa-f]|007[Ff]|00[89][0-9A-Fa-f]|00[Aa][Dd]|20[0-6][0-9A-Fa-f]|[Ff][Ee][Ff][Ff])_"  # how XLSX writes signs that XML cannot hold
BREAK = r"[\t\n\r\f\x0b\x85\x{2028}\x{2029}]"
INVISIBLE = r"[\p{Cf}\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\x{34f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180d}\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}]"
QUOTES = "'`‘’´\""
# Eighteen digits that may be a certificate number: its date; the check digit decides.
CERTIFICATE = r"[1-9]\d{5}(?:1[89]|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"


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

    def table(chosen: list[tuple[str, str]]) -> str:
        return f"translate(cell, {literal(''.join(wide for wide, _ in chosen))}, {literal(''.join(narrow for _, narrow in chosen))})"

    def among(chosen: list[tuple[str, str]]) -> str:
        points = "".join(rf"\x{{{ord(wide):x}}}" for wide, _ in chosen)
        return f"regexp_matches(cell, '[{points}]')"

    return f"case when strlen(cell) = length(cell) then cell when {among(rare)} then {table(pairs)} when {among(usual)} then {table(usual)} else cell end"


def _check_sum(number: str) -> str:
    """SQL: the weighted sum of the digits of `number` of 17 digits (2 for the last, twice as much for each before it), but for multiples of 11.

    A digit is n // 10^k - 10 * (n // 10^(k+1)): the sum over digits is one over these quotients, n // 10^k taken 2^(k+1) - 10 * 2^k times.
    """
    quotients = [f"{number} // {10**place} * {(2 ** (place + 1) - 10 * 2**place) % 11}" for place in range(1, 17)]
    return f"{number} * 2 + " + " + ".join(quotients)


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the macros."""
    moment = (
        f"case when regexp_full_match(cell, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}{CLOCK}') then try_cast(replace(cell, 'T', ' ') as timestamp) "
        f"when regexp_full_match(cell, '\\d{{8}}') then try_strptime(cell, '%Y%m%d') "
        f"when regexp_full_match(cell, '\\d{{14}}') then try_strptime(cell, '%Y%m%d%H%M%S') "
        f"when regexp_full_match(cell, '\\d{{4}}/\\d{{1,2}}/\\d{{1,2}}{CLOCK}') then try_cast(replace(replace(cell, '/', '-'), 'T', ' ') as timestamp) "
        f"when regexp_full_match(cell, '\\d{{8}}{CLOCK}') then "
        f"try_cast(left(cell, 4) || '-' || substr(cell, 5, 2) || '-' || replace(substr(cell, 7), 'T', ' ') as timestamp) end"
    )
    birth = (
        "case when regexp_full_match(cell, '\\d{6}') then try_strptime(cell || '01', '%Y%m%d') "
        "when regexp_full_match(cell, '\\d{4}[-/]\\d{1,2}') then try_cast(replace(cell, '/', '-') || '-01' as timestamp) else as_moment(cell) end"
    )
    # 2024-01, 2024/1, 2024.01, 2024年1月 and whole dates; 2024.1 may be October and 24-01 the day: they stay as they are
    month = (
        "case when regexp_full_match(cell, '\\d{4}[-/]\\d{1,2}|\\d{4}[.]\\d{2}|\\d{4}年\\d{1,2}月?份?') then "
        "left(cell, 4) || lpad(regexp_extract(substr(cell, 6), '^\\d+'), 2, '0') "
        "when regexp_full_match(cell, '\\d{4}年\\d{1,2}月\\d{1,2}日') then left(cell, 4) || lpad(regexp_extract(substr(cell, 6), '^\\d+'), 2, '0') "
        "when not regexp_full_match(cell, '\\d{6}') then strftime(as_moment(cell), '%Y%m') end"
    )
    year = (
        "case when regexp_full_match(cell, '\\d{4}年度?|\\d{4}年末|\\d{4}年底') then left(cell, 4) "
        "when not regexp_full_match(cell, '\\d{4}') then strftime(as_moment(cell), '%Y') end"
    )
    quotes = QUOTES.replace("'", "''")
    for macro in (
        f"narrow(cell) as {_narrow()}",
        f"visible(cell) as regexp_replace(regexp_replace(regexp_replace(narrow(cell), '{ESCAPED}', '', 'g'), '{INVISIBLE}', '', 'g'), '{BREAK}', ' ', 'g')",
        f"bare(cell) as regexp_replace(visible(cell), '^[ ={quotes}]+|[ {quotes}]+$', '', 'g')",
        "without_tail(cell) as regexp_replace(cell, '^(\\d{1,15})\\.0+$', '\\1')",
        "joined(cell) as case when regexp_full_match(cell, '\\d[\\d ]* [\\d ]*[\\dXx]') then replace(cell, ' ', '') else cell end",
        "identity(cell) as joined(without_tail(bare(cell)))",
        f"is_error(cell) as regexp_full_match(upper(cell), '{ERROR_CELL}')",
        f"ungrouped(cell) as case when regexp_full_match(cell, '{GROUPED}') then replace(cell, ',', '') else cell end",
        f"as_number(cell) as case when regexp_full_match(cell, '{NUMBER}') then cell end",
        f"as_moment(cell) as {moment}",
        f"as_birth(cell) as {birth}",
        f"as_month(cell) as {month}",
        f"as_year(cell) as {year}",
        f"check_char(number) as substr('10X98765432', 1 + cast(({_check_sum('number')}) % 11 as integer), 1)",
        f"is_certificate(cell) as regexp_full_match(cell, '{CERTIFICATE}') and try_strptime(substr(cell, 7, 8), '%Y%m%d') is not null "
        "and check_char(try_cast(left(cell, 17) as bigint)) = upper(right(cell, 1))",
        # a key that says who somebody is: words, or a certificate number, which need not begin where something first looks like one
        f"is_personal(cell) as case when strlen(cell) <> length(cell) then true when strlen(cell) >= 18 and regexp_matches(cell, '{CERTIFICATE}') then "
        "list_aggregate(list_transform(range(1, strlen(cell) - 16), lambda place: is_certificate(substr(cell, place, 18))), 'bool_or') else false end",
    ):
        connection.execute(f"create or replace temp macro {macro}")
