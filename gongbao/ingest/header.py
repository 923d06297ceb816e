"""From the headers of a file to the columns of a record: nothing is guessed, everything doubtful is told."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from gongbao.contracts import Record, fold
from gongbao.messages import GongbaoError, Problem

SIMILAR = 0.6  # from this similarity on a header is worth naming as a suggestion
PLAIN_UNITS = {"元": "yuan", "人民币元": "yuan", "人": "persons", "人次": "persons", "天": "days", "日": "days"}
SCALED = r"(?:百万|千万|十万|亿|万|千|百)"
SCALED_UNIT = rf"{SCALED}(?:元|人次|人)"
USABLE = "万元"  # the one scaled unit that a record with a column `unit` takes


@dataclass
class Match:
    """Which header is which column: `names` is one SQL name per header, a contract name or `_xN`."""

    names: list[str]
    aliases: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)  # column → scaled unit that its header names

    @property
    def found(self) -> list[str]:
        return [name for name in self.names if not name.startswith("_x")]


def column_of(title: str, record: Record) -> tuple[str | None, str]:
    """The column that a header means, and the unit it names in brackets: 金额（万元） is (amount, 万元)."""
    name = record.column_of(title)
    if name is not None:
        return name, ""
    bracketed = re.fullmatch(r"(.+?)[(\[【](?:单位[:：]?)?([^()]+)[)\]】]", fold(title))
    if not bracketed:
        return None, ""
    name, unit = record.column_of(bracketed[1]), bracketed[2]
    kind = PLAIN_UNITS.get(re.sub(f"^{SCALED}", "", unit))
    return (name, unit) if name is not None and kind and record.by_name[name].unit == kind else (None, "")


def scaled_units(text: str) -> list[str]:
    """The scaled units (万元, 万人, …) that words give for their table: after 单位, alone in brackets, or alone."""
    text = fold(text)
    units = rf"(?:{SCALED}?(?:元|人次|人)[、,;/和]*)+"
    given = re.findall(rf"单位[:：]?({units})|[(\[【]({units})[)\]】]|^({units})$", text)
    return list(dict.fromkeys(re.findall(SCALED_UNIT, " ".join(itertools.chain.from_iterable(given)))))


def recogniser(records: dict[str, Record], given: str | None) -> Callable[[list[str]], tuple[str, float]]:
    """A function that says of a row of cells which record it is the header of (`given` before any other) and how well it fits, 0..1."""

    def recognise(row: list[str]) -> tuple[str, float]:
        if given is not None and (share := share_of_required(row, records[given])) >= 0.5:
            return given, share
        return best_record(row, records)

    return recognise


def closest(title: str, record: Record, names: list[str]) -> tuple[str, str, float]:
    """Of the columns `names` the one most like `title`: (column, its like title, similarity 0..1)."""
    best = ("", "", 0.0)
    texts = {
        fold(title),
        re.sub(r"\(.*?\)", "", fold(title)),
        re.sub(rf"[\W_]*{SCALED_UNIT}[\W_]*", "", fold(title)),
    }  # 金额（本期） and 金额_万元 are like 金额
    for name in names:
        for known in record.by_name[name].titles:
            similarity = max(SequenceMatcher(None, text, fold(known)).ratio() for text in texts)
            if similarity > best[2]:
                best = (name, known, similarity)
    return best


def share_of_required(header: list[str], record: Record) -> float:
    """The share of a record's required columns that a header has, 0..1."""
    found = {column_of(title, record)[0] for title in header}
    return sum(name in found for name in record.required) / len(record.required)


def best_record(header: list[str], records: dict[str, Record]) -> tuple[str, float]:
    """The record that a header fits best, and the share of its required columns that is there."""
    return max(((name, share_of_required(header, record)) for name, record in records.items()), key=lambda pair: pair[1])


def match_header(header: list[str], record: Record, constants: dict[str, str], place: Problem, records: dict[str, Record]) -> Match:
    """Match every header to the contract; `place` is where the header stands.

    Raises GongbaoError: no header recognised, header of another record, two headers for one column,
    a column both in the file and given by --set, required columns missing.
    """
    match = Match(names=[])
    for position, title in enumerate(header):
        name, unit = column_of(title, record)
        folded = fold(title)
        if name is None:
            match.names.append(f"_x{position}")
            if folded in record.dropped:
                match.dropped.append(title)
            elif folded:
                match.unknown.append(title)
            continue
        if name in match.names:
            raise GongbaoError(_twice(title, name, place))
        if name in constants:
            raise GongbaoError(_set_twice(title, name, place))
        match.names.append(name)
        if folded != fold(name):
            match.aliases[title] = name
        if unit not in PLAIN_UNITS and unit:
            match.units[name] = unit
    missing = [name for name in record.required if name not in match.names and name not in constants]
    if missing:
        other, share = best_record(header, records)
        if other != record.name and share > share_of_required(header, record):
            raise GongbaoError(_wrong_record(record, records[other], share, place))
        if not match.found and not match.dropped:
            raise GongbaoError(no_header(place))
        raise GongbaoError(_missing(missing, match, record, place))
    return match


def unknown_columns(match: Match, record: Record, place: Problem) -> list[Problem]:
    """One note per unknown header, with the nearest known title; the column stays out."""
    free = [column.name for column in record.columns if column.name not in match.names]
    notes = []
    for title in match.unknown:
        name, known, similarity = closest(title, record, free)
        if similarity >= SIMILAR:
            file = record.by_name[name].described_in
            hint_zh = f"最接近 {name}（{known}，相似度 {similarity:.0%}）；若即该列，请在 {file} 的 {name} 下加 aliases"
            hint_en = f"closest is {name} ({known}, similarity {similarity:.0%}); if it is that column, add it to the aliases of {name} in {file}"
        else:
            hint_zh, hint_en = "无需处理；契约中没有相近的列", "nothing to do; the contract has no similar column"
        if unit := re.search(SCALED_UNIT, fold(title)):
            hint_zh, hint_en = _without_unit(name, known, unit[0], record) if similarity >= SIMILAR else (hint_zh, hint_en)
        notes.append(replace(place, zh=f"未知列「{title}」，未读入", en=f"unknown column '{title}', left out", fix_zh=hint_zh, fix_en=hint_en))
    return notes


def no_header(place: Problem) -> Problem:
    """No line of headers was recognised; `place` is the first line."""
    return replace(
        place,
        zh="找不到表头：没有一行有足够的可识别列名",
        en="no header: no line holds enough column names that are known",
        fix_zh="首行应为列名（英文字段名或中文名）；文本文件以逗号或 TAB 分隔" if not place.sheet else "工作表中应有一行列名（英文字段名或中文名）",
        fix_en="the first line must hold the column names; in a text file separated by commas or TABs"
        if not place.sheet
        else "a row of the sheet must hold the column names",
    )


def _twice(title: str, name: str, place: Problem) -> Problem:
    return replace(
        place,
        zh=f"两个列名都对应 {name}，「{title}」是第二个",
        en=f"two headers mean {name}; '{title}' is the second",
        fix_zh="删去或改名其中一列",
        fix_en="remove or rename one of the two",
        column=name,
    )


def _set_twice(title: str, name: str, place: Problem) -> Problem:
    return replace(
        place,
        zh=f"文件中已有 {name}（「{title}」），--set 又给了一次",
        en=f"the file has {name} ('{title}') and --set gives it again",
        fix_zh=f"去掉 --set {name}=…",
        fix_en=f"leave out --set {name}=…",
        column=name,
    )


def _wrong_record(record: Record, other: Record, share: float, place: Problem) -> Problem:
    return replace(
        place,
        zh=f"表头不是「{record.label_zh}」（{record.name}），而像「{other.label_zh}」（必需列符合 {share:.0%}）",
        en=f"the header is not that of {record.name} but looks like {other.name} ({share:.0%} of its required columns)",
        fix_zh=f"若确是该记录：--record {other.name}，或放入名为 {other.name} 的文件夹",
        fix_en=f"if it is: --record {other.name}, or put it into a folder named {other.name}",
    )


def _without_unit(name: str, known: str, unit: str, record: Record) -> tuple[str, str]:
    """What to do about a header that is like `known` (the column `name`) and holds a scaled unit: an alias alone would lose the unit."""
    if unit == USABLE and "unit" in record.by_name:
        return (
            f"若即 {name}，列名写作「{known}（{unit}）」，或写作「{known}」并加 --set unit={unit}",
            f"if it is {name}, write the header as '{known}（{unit}）', or as '{known}' with --set unit={unit}",
        )
    return _convert(name, known, unit)


def _convert(name: str, known: str, unit: str) -> tuple[str, str]:
    return f"把 {name} 从 {unit} 换算为 {_base(unit)}，列名写作「{known}」", f"convert {name} from {unit} to {_base(unit)} and name the column '{known}'"


def _base(unit: str) -> str:
    return re.sub(f"^{SCALED}", "", unit)


def unit_of_amounts(match: Match, titles: Iterable[tuple[str, int, str]], record: Record, place: Problem) -> str | None:
    """The scaled unit that headers or titles (sheet, row, text) give for the amounts, when the record can take it; None for base units.

    Raises GongbaoError for a unit that cannot be taken, naming the columns: no unit is dropped.
    """
    wrong: list[Problem] = []
    told: dict[str, None] = {}
    for kind, base in (("yuan", "元"), ("persons", "人")):
        columns = [name for name in match.found if record.by_name[name].unit == kind]
        from_titles = [(unit, sheet, row) for sheet, row, text in titles for unit in scaled_units(text) if PLAIN_UNITS[_base(unit)] == PLAIN_UNITS[base]]
        for name in columns:
            given = [(match.units[name], place.sheet, place.line)] if name in match.units else from_titles
            for unit, sheet, row in given:
                if unit == USABLE and "unit" in record.by_name:
                    told[unit] = None
                    continue
                known = record.by_name[name].label_zh
                fix_zh, fix_en = _convert(name, known, unit)
                wrong.append(
                    replace(
                        place,
                        sheet=sheet,
                        line=row or None,
                        column=name,
                        zh=f"{name}（{known}）以 {unit} 为单位，而契约要的是 {base}",
                        en=f"{name} is in {unit}, and the contract wants {base}",
                        fix_zh=fix_zh,
                        fix_en=fix_en,
                    )
                )
    if wrong:
        raise GongbaoError(*{(problem.column, problem.zh): problem for problem in wrong}.values())
    return next(iter(told), None)


def _missing(missing: list[str], match: Match, record: Record, place: Problem) -> Problem:
    """All missing columns in one message, each with the unknown header nearest to it."""
    parts_zh, parts_en, hints_zh, hints_en = [], [], [], []
    for name in missing:
        label = record.by_name[name].label_zh
        parts_zh.append(f"{name}（{label}）")
        parts_en.append(name)
        ranked = sorted(((closest(title, record, [name])[2], title) for title in match.unknown), reverse=True)
        if ranked and ranked[0][0] >= SIMILAR:
            similarity, title = ranked[0]
            if unit := re.search(SCALED_UNIT, fold(title)):
                hint_zh, hint_en = _without_unit(name, label, unit[0], record)
            else:
                file = record.by_name[name].described_in
                hint_zh = f"若即该列，在 {file} 的 {name} 下加 aliases: [{title}]"
                hint_en = f"if it is that column, add aliases: [{title}] to {name} in {file}"
            hints_zh.append(f"「{title}」最接近 {name}（相似度 {similarity:.0%}），{hint_zh}")
            hints_en.append(f"'{title}' is closest to {name} (similarity {similarity:.0%}); {hint_en}")
    hints_zh.append(f"整份文件同一个值时：--set {missing[0]}=值")
    hints_en.append(f"one value for the whole file: --set {missing[0]}=VALUE")
    return replace(
        place,
        zh="缺少必需的列：" + "、".join(parts_zh),
        en="required columns are missing: " + ", ".join(parts_en),
        fix_zh="；".join(hints_zh),
        fix_en="; ".join(hints_en),
    )
