"""From the headers of a file to the columns of a record: nothing is guessed, everything doubtful is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from gongbao.contracts import Record, fold
from gongbao.messages import GongbaoError, Problem

SIMILAR = 0.6  # from this similarity on a header is worth naming as a suggestion
CONTRACT = "models/staging/_sources.yml"


@dataclass
class Match:
    """Which header is which column: `names` is one SQL name per header, a contract name or `_xN`."""

    names: list[str]
    aliases: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    @property
    def found(self) -> list[str]:
        return [name for name in self.names if not name.startswith("_x")]


def closest(title: str, record: Record, names: list[str]) -> tuple[str, str, float]:
    """Of the columns `names` the one most like `title`: (column, its like title, similarity 0..1)."""
    best = ("", "", 0.0)
    texts = {fold(title), re.sub(r"\(.*?\)", "", fold(title))}  # 金额（万元） is like 金额
    for name in names:
        for known in record.by_name[name].titles:
            similarity = max(SequenceMatcher(None, text, fold(known)).ratio() for text in texts)
            if similarity > best[2]:
                best = (name, known, similarity)
    return best


def share_of_required(header: list[str], record: Record) -> float:
    """The share of a record's required columns that a header has, 0..1."""
    found = {record.column_of(title) for title in header}
    return sum(name in found for name in record.required) / len(record.required)


def best_record(header: list[str], records: dict[str, Record]) -> tuple[str, float]:
    """The record that a header fits best, and the share of its required columns that is there."""
    return max(((name, share_of_required(header, record)) for name, record in records.items()), key=lambda pair: pair[1])


def match_header(header: list[str], record: Record, constants: dict[str, str], file: str, records: dict[str, Record]) -> Match:
    """Match every header to the contract.

    Raises GongbaoError: no header recognised, header of another record, two headers for one column,
    a column both in the file and given by --set, required columns missing.
    """
    match = Match(names=[])
    for position, title in enumerate(header):
        name = record.column_of(title)
        folded = fold(title)
        if name is None:
            match.names.append(f"_x{position}")
            if folded in record.dropped:
                match.dropped.append(title)
            elif folded:
                match.unknown.append(title)
            continue
        if name in match.names:
            raise GongbaoError(_twice(title, name, file))
        if name in constants:
            raise GongbaoError(_set_twice(title, name, file))
        match.names.append(name)
        if folded != fold(name):
            match.aliases[title] = name
    missing = [name for name in record.required if name not in match.names and name not in constants]
    if missing:
        other, share = best_record(header, records)
        if other != record.name and share > share_of_required(header, record):
            raise GongbaoError(_wrong_record(record, records[other], share, file))
        if not match.found and not match.dropped:
            raise GongbaoError(no_header(file))
        raise GongbaoError(_missing(missing, match, record, file))
    return match


def unknown_columns(match: Match, record: Record, file: str) -> list[Problem]:
    """One note per unknown header, with the nearest known title; the column stays out."""
    free = [column.name for column in record.columns if column.name not in match.names]
    notes = []
    for title in match.unknown:
        name, known, similarity = closest(title, record, free)
        if similarity >= SIMILAR:
            hint_zh = f"最接近 {name}（{known}，相似度 {similarity:.0%}）；若即该列，请在 {CONTRACT} 的 {name} 下加 aliases"
            hint_en = f"closest is {name} ({known}, similarity {similarity:.0%}); if it is that column, add it to the aliases of {name} in {CONTRACT}"
        else:
            hint_zh, hint_en = "无需处理；契约中没有相近的列", "nothing to do; the contract has no similar column"
        notes.append(Problem(f"未知列「{title}」，未读入", f"unknown column '{title}', left out", hint_zh, hint_en, file=file, line=1))
    return notes


def no_header(file: str, line: int | None = None) -> Problem:
    """No line of headers was recognised; `line` is where one seems to stand."""
    fix_zh, fix_en = "首行应为列名（英文字段名或中文名），以逗号或 TAB 分隔", "the first line must hold the column names, separated by commas or TABs"
    if line:
        fix_zh, fix_en = f"第 {line} 行像是表头：删去其上各行", f"line {line} looks like the header: remove the lines above it"
    return Problem("找不到表头：首行没有任何可识别的列名", "no header: the first line holds no column name that is known", fix_zh, fix_en, file=file, line=1)


def _twice(title: str, name: str, file: str) -> Problem:
    return Problem(
        f"两个列名都对应 {name}，「{title}」是第二个", f"two headers mean {name}; '{title}' is the second",
        "删去或改名其中一列", "remove or rename one of the two", file=file, line=1, column=name,
    )


def _set_twice(title: str, name: str, file: str) -> Problem:
    return Problem(
        f"文件中已有 {name}（「{title}」），--set 又给了一次", f"the file has {name} ('{title}') and --set gives it again",
        f"去掉 --set {name}=…", f"leave out --set {name}=…", file=file, line=1, column=name,
    )


def _wrong_record(record: Record, other: Record, share: float, file: str) -> Problem:
    return Problem(
        f"表头不是「{record.label_zh}」（{record.name}），而像「{other.label_zh}」（必需列符合 {share:.0%}）",
        f"the header is not that of {record.name} but looks like {other.name} ({share:.0%} of its required columns)",
        f"若确是该记录：--record {other.name}，或放入名为 {other.name} 的文件夹",
        f"if it is: --record {other.name}, or put it into a folder named {other.name}", file=file, line=1,
    )


def _missing(missing: list[str], match: Match, record: Record, file: str) -> Problem:
    """All missing columns in one message, each with the unknown header nearest to it."""
    parts_zh, parts_en, hints_zh, hints_en = [], [], [], []
    for name in missing:
        label = record.by_name[name].label_zh
        parts_zh.append(f"{name}（{label}）")
        parts_en.append(name)
        ranked = sorted(((closest(title, record, [name])[2], title) for title in match.unknown), reverse=True)
        if ranked and ranked[0][0] >= SIMILAR:
            similarity, title = ranked[0]
            hints_zh.append(f"「{title}」最接近 {name}（相似度 {similarity:.0%}），若即该列，在 {CONTRACT} 的 {name} 下加 aliases: [{title}]")
            hints_en.append(f"'{title}' is closest to {name} (similarity {similarity:.0%}); if it is that column, add aliases: [{title}] to {name} in {CONTRACT}")
            if "万元" in title:
                hints_zh.append("并加 --set unit=万元")
                hints_en.append("and give --set unit=万元")
    hints_zh.append(f"整份文件同一个值时：--set {missing[0]}=值")
    hints_en.append(f"one value for the whole file: --set {missing[0]}=VALUE")
    return Problem(
        "缺少必需的列：" + "、".join(parts_zh), "required columns are missing: " + ", ".join(parts_en),
        "；".join(hints_zh), "; ".join(hints_en), file=file, line=1,
    )
