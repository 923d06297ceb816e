"""What offices write where a code is asked for: the code, its name, both, a local word, a place with or without its 省 or 市.

A column of codes has few distinct texts; each is read once, by `CodeReader.read`, and DuckDB joins the result to the rows.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import lru_cache

from gongbao.contracts import Column, Record, fold
from gongbao.paths import project_dir

MASK = "?"  # stands in the lake for a text that is no code: it may be anything, a person's name too
CODE_LIKE = re.compile(r"[A-Za-z]{0,2}\d{1,8}|[A-Za-z]{1,2}")  # a code of nobody's list, kept for the rules to tell
FREE_CODE = r"[A-Za-z]{0,4}\d{1,8}(?:[.+*][0-9A-Za-z]{1,6}){0,2}"  # a code of a list that the project does not have, as I10.x00
CODE_NAME = re.compile(r"([0-9A-Za-z]{1,8})\s*([-–—_:,;.、/|\s(\[【]*)([^0-9A-Za-z\s].*?)[)\]】]?")
NAME_CODE = re.compile(r"(.*[^0-9A-Za-z\s(\[【:_–—-])([-–—_:/|\s(\[【]+)([0-9A-Za-z]{1,8})\s*[)\]】]?")
PLACE_END = re.compile(r"(?:特别行政区|自治区|自治州|地区|省|市|盟)$")
PEOPLE = re.compile(r"(?:维吾尔|壮族|回族|蒙古族|藏族|羌族|彝族|苗族|侗族|白族|傣族|布依族|土家族|哈尼族|景颇族|傈僳族|朝鲜族|哈萨克|柯尔克孜|蒙古(?=自治州))+")
PLACES = (
    "province",
    "corps",
    "not_in_statistics",
    "prefecture",
    "county_as_city",
    "direct_city",
    "special_zone",
    "nation",
)  # kinds whose rows have a name of their own


@dataclass(frozen=True)
class Words:
    """The codes of a list and what else means one: `names` folded text → code, `shared` folded text → codes of different meaning."""

    codes: frozenset[str]
    names: dict[str, str]
    shared: dict[str, tuple[str, ...]]
    titles: dict[str, str]  # code → its name, folded

    def meaning(self, text: str) -> str | None:
        return self.names.get(fold(text))

    def is_named(self, code: str, text: str) -> bool:
        """Whether `text` is a name of `code`, or its name with some signs left out (职工医保 of 职工基本医疗保险 is not; 职工医疗保险 is)."""
        folded = fold(text)
        if folded in self.names:
            return self.names[folded].startswith(code) or code.startswith(self.names[folded])
        signs = iter(self.titles.get(code, ""))
        return len(folded) > 1 and all(sign in signs for sign in folded)


def _list_rows() -> list[tuple[str, str, str, str]]:
    with (project_dir() / "seeds" / "codes" / "code_lists.csv").open(encoding="utf-8", newline="") as file:
        return [(row["list"], row["code"], row["name_zh"], row["maps_to"]) for row in csv.DictReader(file)]


def _place_names() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Region code → its full name, and a name, in full or short, with or without the province before it → codes."""
    full: dict[str, str] = {}
    names: dict[str, set[str]] = {}
    provinces: dict[str, list[str]] = {}
    with (project_dir() / "seeds" / "codes" / "regions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code, name = row["region_code"], row["name_zh"]
            full[code] = name
            own = [name]
            if row["kind"] in PLACES and row["region_level"] == "province":
                own.append(PEOPLE.sub("", PLACE_END.sub("", name)))
            elif row["kind"] in PLACES:
                own += [row["short_zh"], PLACE_END.sub("", name), *([PEOPLE.sub("", name).removesuffix("自治州") + "州"] if name.endswith("自治州") else [])]
            if row["region_level"] == "province":
                provinces[code[:2]] = own
            else:
                own += [province + place for province in provinces.get(code[:2], ()) for place in own if place not in ("省本级", "区本级", "市本级")]
            for place in own:
                names.setdefault(fold(place), set()).add(code)
    return full, names


@lru_cache(maxsize=8)
def _words(name: str, local: tuple[tuple[str, tuple[str, ...]], ...]) -> Words:
    if name == "region":
        full, places = _place_names()
        named = {text: next(iter(codes)) for text, codes in places.items() if len(codes) == 1}
        several = {text: tuple(sorted(codes)) for text, codes in places.items() if len(codes) > 1}
        titles = {code: fold(text) for code, text in full.items()}
        return Words(frozenset(full), named, several, titles)
    rows = [(code, title, word) for of, code, title, word in _list_rows() if of == name]
    meanings = {code: word for code, _, word in rows}
    found: dict[str, list[str]] = {}
    for code, title, _ in rows:
        found.setdefault(fold(title), []).append(code)
    names, shared = {}, {}
    for text, codes in found.items():
        shortest = min(codes, key=lambda code: (len(code), code))
        alike = all(code.startswith(shortest) for code in codes) or (meanings[shortest] and len({meanings[code] for code in codes}) == 1)
        if alike:  # a code and its sub-codes, or codes that count alike: the text means the first
            names[text] = shortest
        else:
            shared[text] = tuple(codes)
    names |= {fold(word): code for code, words in local for word in words}
    return Words(frozenset(meanings), names, shared, {code: fold(title) for code, title, _ in rows})


def words_of(record: Record, name: str) -> Words:
    """The words of a code list; of "" there are none."""
    return _words(name, tuple((code, tuple(words)) for code, words in record.code_words.get(name, {}).items()))


def texts_of(record: Record) -> list[tuple[str, str, str]]:
    """All that is read as a code of a record's columns: (list, code or folded text, code), in order."""
    lists = {column.code_list for column in record.columns if column.code_list}
    return sorted(
        (name, text, code)
        for name in lists
        for words in [words_of(record, name)]
        for text, code in [*zip(words.codes, words.codes, strict=True), *words.names.items()]
    )


def province_codes() -> list[str]:
    """The codes of the provinces."""
    return sorted(code for code in _words("region", ()).codes if code.endswith("0000"))


@dataclass
class CodeReader:
    """Reads the texts of one column of codes. `shared` and `masked` collect what could not be read: (text, rows)."""

    record: Record
    column: Column
    shared: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    masked: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = words_of(self.record, self.column.code_list)
        self.vocabulary = set("".join([*self.words.titles.values(), *self.words.names]))

    def read(self, text: str, parsed: str | None, rows: int) -> tuple[str | None, str]:
        """(value, kind of repair) of a bare text; `parsed` is what it says as a month or a year. What is no code becomes the mask."""
        words = self.words
        if self.column.kind in ("month", "year"):
            if parsed:
                return parsed, f"read_as_{self.column.kind}"
            return (text, "") if re.fullmatch(r"\d{1,8}", text) else self._mask(text, rows)
        if self.column.kind == "unit":
            return (text, "") if re.fullmatch(r"[元万亿千百人]{1,3}|yuan", text) else self._mask(text, rows)
        if text in words.codes:
            return text, ""
        if "0" + text in words.codes:
            return "0" + text, "zero_padded"
        if code := words.meaning(text):
            return code, "name_to_code"
        if other := next((form for form in (text.upper(), text.lower()) if form in words.codes), None):
            return other, "letter_case"
        if fold(text) in words.shared:
            self.shared.append((text, words.shared[fold(text)], rows))
            return None, ""
        if code := self._code_with_name(text):
            return code, "code_and_name"
        if (
            self.column.code_list == "region"
            and re.fullmatch(r"\d{1,9}", text)
            or CODE_LIKE.fullmatch(text)
            or not self.column.code_list
            and re.fullmatch(FREE_CODE, text)
        ):
            return text, ""
        return self._mask(text, rows)

    def _code_with_name(self, text: str) -> str | None:
        """The code of `310-职工基本医疗保险` or `职工(310)`; None when the name is not that of the code."""
        if found := CODE_NAME.fullmatch(text):
            code, name = found[1], found[3]
        elif found := NAME_CODE.fullmatch(text):
            code, name = found[3], found[1]
        else:
            return None
        code = next((form for form in (code, "0" + code, code.upper()) if form in self.words.codes), "")
        return code if code and self.words.is_named(code, name) else None

    def _mask(self, text: str, rows: int) -> tuple[str | None, str]:
        self.masked.append((text, rows))
        # an unknown kind of certificate is taken for absent: the number then tells whether it is an identity card
        return (None if self.column.code_list == "psn_cert_type" else MASK), ""

    def harmless(self, text: str) -> bool:
        """Whether a text may be shown: four signs and more, all of them from the names of the list, and at most four of them digits."""
        few_digits = sum(char.isdigit() for char in text) <= 4  # names hold digits too, of which a certificate number could be made
        return self.column.code_list not in ("", "region") and len(text) > 3 and few_digits and set(fold(text)) <= self.vocabulary


def shape(text: str) -> tuple[str, str]:
    """What may be said of any text: how long it is."""
    if text.isdigit():
        return f"{len(text)} 位数字", f"{len(text)} digits"
    return f"{len(text)} 个字的文字", f"a text of {len(text)} characters"
