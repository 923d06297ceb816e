"""One delivered file through the door: read, match, type, hash, commit. `ingest` and `check` both go this way."""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb

from gongbao import disk, signals
from gongbao.contracts import Record, contract_of, load_contracts, record_names
from gongbao.ingest import batch as lake
from gongbao.ingest import cleaning, identity, manifest, rules, typing
from gongbao.ingest.codes import CodeReader, province_codes, shape, texts_of
from gongbao.ingest.header import Match, best_record, match_header, recogniser, unit_of_amounts, unknown_columns
from gongbao.ingest.manifest import Batch
from gongbao.ingest.outcome import Broken, Outcome
from gongbao.ingest.reading import Delivery, NoRows, TextDelivery, free, ident, literal, open_delivery, refuse, require_file, sha256_of, source, without_rows
from gongbao.messages import GongbaoError, Problem, printable
from gongbao.paths import Home

ROW_LIMITS = (65_536, 1_048_576)  # where spreadsheets cut off
UNREADABLE_SHARE, UNREADABLE_ROWS = 0.01, 5  # above both a file is refused
MAX_REJECTED, REJECTED_ROWS = 5.0, 5  # per cent of the rows, and rows: above both a file is refused
CHINA = dt.timedelta(hours=8)  # days are those of China; received_at is UTC
OF_NO_DATA = f"kind in {typing.LEFT_OUT}"
WORKERS = min(2, os.cpu_count() or 1)  # files read side by side; each has a DuckDB of its own
MEMORY = "1GB"  # DuckDB spills to the work folder beyond this; GONGBAO_MEMORY changes it


def record_of(path: Path) -> str | None:
    """The record that a folder above the file is named after, the nearest first."""
    records = record_names()
    return next((parent.name for parent in path.resolve().parents if parent.name in records), None)


def parse_constants(pairs: Iterable[str]) -> dict[str, str]:
    """`column=value` texts as a mapping. Raises GongbaoError for a malformed pair."""
    constants = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip() or not value.strip():
            raise GongbaoError(
                Problem(f"--set {pair}：应为 列=值", f"--set {pair}: must be column=value", "例如 --set insutype=310", "for example --set insutype=310")
            )
        constants[name.strip()] = value.strip()
    return constants


class Door:
    """The work of one command: a DuckDB connection, a work folder, the contracts and the settings."""

    def __init__(self, home: Home, work: Path, record: str | None = None, constants: dict[str, str] | None = None, max_rejected: float = MAX_REJECTED) -> None:
        self.home = home
        self.work = work
        self.records = load_contracts()
        self.given = record
        self.constants = constants or {}
        self.max_rejected = max_rejected
        if record is not None and record not in self.records:
            names = ", ".join(self.records)
            raise GongbaoError(Problem(f"没有名为 {record} 的记录", f"there is no record named {record}", f"可用：{names}", f"use one of {names}"))
        self._check_constants()
        self.connection = duckdb.connect()
        self.connection.execute(f"set memory_limit = {literal(os.environ.get('GONGBAO_MEMORY', MEMORY))}")
        self.connection.execute(f"set temp_directory = {literal(str(work / 'spill'))}")
        self.connection.execute("set enable_progress_bar = false")  # DuckDB's own would be printed between the lines of the command
        cleaning.install(self.connection)
        self._settings: dict[str, str] = {}
        self._known: list[Batch] | None = None

    def _check_constants(self) -> None:
        for name in self.constants:
            columns = [column for title in self.records.values() if (found := title.column_of(name)) for column in [title.by_name[found]]]
            if not columns or any(column.personal for column in columns):
                raise GongbaoError(
                    Problem(
                        f"--set {name}：{'个人信息列不能设为固定值' if columns else '契约中没有这一列'}",
                        f"--set {name}: {'a personal column cannot have one value for all' if columns else 'the contract has no such column'}",
                        f"列名见 {contract_of(self.given or '<record>')}",
                        f"the columns are in {contract_of(self.given or '<record>')}",
                    )
                )

    def close(self) -> None:
        self.connection.close()

    # ------------------------------------------------------------ one file

    def check(self, path: Path) -> Outcome:
        """All that `ingest` would find in a file; nothing is staged."""
        return self._guarded(path, self._check)

    def ingest(self, path: Path, sequence: int, corrects: str | None = None, reason: str | None = None) -> Outcome:
        """Bring one file into the lake as number `sequence` of its arrivals, or refuse it whole."""
        return self._guarded(path, lambda outcome: self._ingest(outcome, sequence, corrects, reason))

    def _guarded(self, path: Path, step: Callable[[Outcome], object]) -> Outcome:
        """Run `step`; whatever goes wrong becomes a message without any value of the file."""
        outcome = Outcome(path=path)
        folder = self.work / "file"
        free(folder)
        try:
            folder.mkdir(parents=True, mode=0o700)
            require_file(path)
            step(outcome)
        except GongbaoError as error:
            outcome.status = "refused"
            outcome.problems += error.problems
        except duckdb.OutOfMemoryException as error:
            if disk.is_full(error):  # there was not enough memory, and no room to spill to
                outcome.problems.append(disk.full(self.work))
                return outcome
            self._fail(
                outcome,
                f"内存不足（上限 {os.environ.get('GONGBAO_MEMORY', MEMORY)}）",
                "out of memory",
                "用 GONGBAO_MEMORY 提高上限，如 4GB",
                "raise GONGBAO_MEMORY, for example to 4GB",
            )
        except Exception as error:  # a damaged workbook can raise anything; one file must not stop the others
            if disk.is_full(error):
                outcome.status = "refused"
                outcome.problems.append(disk.full(self.work, needed=2 * path.stat().st_size))
                return outcome
            if os.environ.get("GONGBAO_DEBUG"):
                raise
            # the text of a database error may quote a row of the file: only its kind is shown
            self._fail(
                outcome,
                f"处理失败（{type(error).__name__}）",
                f"the file could not be processed ({type(error).__name__})",
                "检查磁盘空间与权限；设 GONGBAO_DEBUG=1 可见详情",
                "check disk space and permissions; GONGBAO_DEBUG=1 shows the details",
            )
        finally:
            free(folder)
        return outcome

    def _fail(self, outcome: Outcome, *texts: str) -> None:
        outcome.status = "refused"
        outcome.problems.append(Problem(*texts, file=outcome.path.name))

    def _examine(self, outcome: Outcome) -> tuple[Record, Delivery, Match, typing.Typist]:
        """Read, match and test a file. Fills `outcome`; raises GongbaoError when the file is refused."""
        path = outcome.path
        outcome.record = self.given or record_of(path) or ""
        nothing: NoRows | None = None
        try:
            delivery = open_delivery(path, self.work / "file", self.connection, recogniser(self.records, self.given or record_of(path)))
        except NoRows as found:
            delivery, nothing = found.delivery, found
        record = self._record(path, delivery)
        outcome.record, outcome.encoding = record.name, delivery.encoding
        constants = {found: value for name, value in self.constants.items() if (found := record.column_of(name))}
        place = Problem("", "", file=path.name, sheet=delivery.sheet, line=delivery.header_row)
        # a delivery without rows names its province by --set, though it has the column
        has_place = record.located_by in map(record.column_of, delivery.header)
        whole = {name: value for name, value in constants.items() if name != record.located_by or not (has_place and record.may_be_empty)}
        match = match_header(delivery.header, record, whole, place, self.records)
        unit = unit_of_amounts(match, delivery.titles, record, place)
        if unit and "unit" in constants and constants["unit"] != unit:
            delivery.note(
                f"标题或表头注明 {unit}，按 --set unit={constants['unit']} 读入",
                f"a title or the header says {unit}; read as --set unit={constants['unit']}",
                row=delivery.header_row,
                sheet=delivery.sheet,
            )
        elif unit and "unit" not in match.names and "unit" not in constants:
            constants["unit"] = unit
            delivery.note(
                f"金额按标题或表头注明的 {unit} 读入",
                f"amounts are read in {unit}, as a title or the header says",
                row=delivery.header_row,
                sheet=delivery.sheet,
            )
        try:
            if nothing is None:
                delivery.load(match.names, record)
                if whole != constants:
                    match_header(delivery.header, record, constants, place, self.records)  # which says that the column is given twice
        except NoRows as found:
            nothing = found
        if nothing is not None:
            outcome.nothing_in = self._place_of_nothing(nothing, record, constants)
            delivery = without_rows(delivery, match.names, self.work / "file" / "nothing.parquet", self.connection)
            delivery.note(
                f"没有数据行，按 --set 所说：{outcome.nothing_in} 没有{record.label_zh}，计为零",
                f"no rows: as --set says, {outcome.nothing_in} has nothing of {record.name}, which counts as none",
            )
            constants = whole
        typist = typing.Typist(self.connection, record, delivery, match.names, constants)
        profile = self._profile(typist, delivery)
        if profile.destroyed:
            raise GongbaoError(*(_destroyed(record, name, counts, path) for name, counts in profile.destroyed.items()))
        self._require_units(match, record, delivery, typist, profile, unit, place)
        code_repairs, readers = typist.map_codes()
        if shared := [_shared(reader, text, codes, rows, path) for reader in readers for text, codes, rows in reader.shared]:
            raise GongbaoError(*shared)
        typist.find_faults()
        outcome.rows_skipped = profile.totals + profile.notes
        outcome.rows_read = profile.rows - outcome.rows_skipped - profile.empty
        outcome.rows_unreadable = self.connection.execute(f"select count(*) from faults where not coalesce({OF_NO_DATA}, false)").fetchall()[0][0]
        outcome.rows_typed = outcome.rows_read - outcome.rows_unreadable
        unreadable = self._unreadable_problems(record, delivery)
        if outcome.rows_read == 0 and not outcome.nothing_in:
            raise refuse(path, "没有数据行", "no rows of data", "重新导出", "export it again")
        if (outcome.rows_typed == 0 and not outcome.nothing_in) or (
            outcome.rows_unreadable > UNREADABLE_ROWS and outcome.rows_unreadable > UNREADABLE_SHARE * outcome.rows_read
        ):
            raise GongbaoError(_too_many(outcome, path), *unreadable)
        outcome.repairs = code_repairs + typist.count_repairs() + delivery.repairs
        if profile.empty:
            outcome.repairs["empty_rows"] = profile.empty
        outcome.notes += self._notes(outcome, record, delivery, match, profile) + [_masked(reader, typist) for reader in readers if reader.masked] + unreadable
        outcome.status = "checked"
        return record, delivery, match, typist

    def _place_of_nothing(self, nothing: NoRows, record: Record, constants: dict[str, str]) -> str:
        """The province of which a delivery without rows says that it has nothing.

        Raises GongbaoError where nobody says of which, and for a record whose empty file says nothing: then it is a failed export.
        """
        if not record.may_be_empty:
            raise nothing
        place = constants.get(record.located_by, "")
        if place in province_codes():
            return place
        (problem,) = nothing.problems
        how = f"--set {record.located_by}=370000"
        raise GongbaoError(
            replace(
                problem,
                fix_zh=f"重新导出；若一个省确实没有{record.label_zh}，用 {how} 说明是哪个省",
                fix_en=f"export it again; if a province has nothing to deliver, say which by {how}",
            )
        )

    def _record(self, path: Path, delivery: Delivery) -> Record:
        name = self.given or record_of(path)
        if name is not None:
            return self.records[name]
        best, share = best_record(delivery.header, self.records)
        hint = f"--record {best}" if share > 0.5 else f"--record {'|'.join(self.records)}"
        raise GongbaoError(
            Problem(
                "不知道这是哪种记录",
                "it is not known which record this is",
                f"加 {hint}，或放入以记录命名的文件夹",
                f"give {hint}, or put it into a folder named after the record",
                file=path.name,
            )
        )

    def _profile(self, typist: typing.Typist, delivery: Delivery) -> typing.Profile:
        """The profile; a text that is not a sound table is taken line by line. Raises GongbaoError when that fails too."""
        if not isinstance(delivery, TextDelivery):
            return typist.profile()
        try:
            profile = typist.profile()
            if profile.rows == delivery.data_lines:
                if not delivery.quote or not delivery.has_unpaired_quote(self.connection):
                    return profile
            elif delivery.quote:
                # line breaks inside quotes are legal, but not the work of an unpaired quote; read by one thread to be safe
                delivery.parallel = False
                profile = typist.profile()
                breaks, eaten = typist.line_breaks()
                if not eaten and profile.rows + breaks == delivery.data_lines:
                    return profile
        except duckdb.InvalidInputException:
            pass
        delivery.parallel = True
        delivery.go_line_wise(self.connection)
        try:
            return typist.profile()
        except duckdb.InvalidInputException as error:
            raise refuse(
                delivery.path,
                "无法拆成行和列",
                "it cannot be split into rows and columns",
                "检查分隔符与引号，重新导出为 CSV",
                "check delimiter and quotes, export it as CSV again",
            ) from error

    def _check(self, outcome: Outcome) -> None:
        _, delivery, _, typist = self._examine(outcome)
        # whether a person or a key is there does not need the key of the hash, nor what the key says
        self.connection.execute("create or replace temp macro keyed_hash(message) as message")
        self.connection.execute("create or replace temp macro is_personal(cell) as false")
        self._apply_rules(outcome, delivery, typist.typed("", (dt.datetime.now(dt.UTC) + CHINA).date(), in_parts=False))

    def _apply_rules(self, outcome: Outcome, delivery: Delivery, rows: str) -> rules.Verdict:
        """The rules that a row decides alone, for `rows` (SQL of typed rows). Raises GongbaoError when too many break one of level error."""
        verdict = rules.apply(self.connection, self.records[outcome.record], rows)
        outcome.broken, outcome.rows_rejected = verdict.broken, verdict.rejected
        told = [_broken(broken, outcome, delivery) for broken in verdict.broken]
        too_many = verdict.rejected > REJECTED_ROWS and verdict.rejected * 100 > self.max_rejected * outcome.rows_typed
        if too_many or verdict.rejected == outcome.rows_typed > 0:
            raise GongbaoError(
                self._too_many_rejected(outcome), *(problem for problem, broken in zip(told, verdict.broken, strict=True) if broken.level == "error")
            )
        outcome.notes += told
        return verdict

    # ------------------------------------------------------------ messages

    def _unreadable_problems(self, record: Record, delivery: Delivery) -> list[Problem]:
        """One message per column and reason: how many rows, the first lines, and a value where it is not personal."""
        groups = self.connection.execute(
            "select column_name, reason, count(*), list_slice(list(row_no order by row_no), 1, 5), arg_min(shown, row_no) from faults "
            f"where not coalesce({OF_NO_DATA}, false) group by all order by 3 desc, 1, 2"
        ).fetchall()
        problems = []
        for column, reason, count, lines, shown in groups:
            expected_zh, expected_en = typing.EXPECTED[reason]
            subject_zh = f"{column}（{record.by_name[column].label_zh}）应为" if column else "整行应有"
            subject_en = f"{column} must be" if column else "the row must have"
            value_zh, value_en = (f"，如「{shown}」", f", such as '{shown}'") if shown else ("", "")
            problems.append(
                _problem_at(
                    delivery,
                    lines,
                    count,
                    f"{count} 行不可读：{subject_zh}{expected_zh}{value_zh}；行 {{}}",
                    f"{_rows(count, 'unreadable')}: {subject_en} {expected_en}{value_en}; line {{}}",
                    "在原文件中改正这些行后重新报送",
                    "correct these lines in the source and deliver again",
                    column or "",
                )
            )
        return problems

    def _too_many_rejected(self, outcome: Outcome) -> Problem:
        share = outcome.rows_rejected / outcome.rows_typed
        return Problem(
            f"{outcome.rows_typed:,} 行中有 {outcome.rows_rejected:,} 行违反规则、将被拒收（{share:.1%}，上限 {self.max_rejected:g}%）：整份文件不读入",
            f"{outcome.rows_rejected:,} of {outcome.rows_typed:,} rows break a rule and would be rejected ({share:.1%}, the limit is {self.max_rejected:g}%): the whole file is refused",
            "按下列规则改正后重新报送；确属如此时用 --max-rejected 提高上限",
            "correct what the rules below name and deliver again; if it is as it must be, raise --max-rejected",
            file=outcome.path.name,
        )

    def _notes(self, outcome: Outcome, record: Record, delivery: Delivery, match: Match, profile: typing.Profile) -> list[Problem]:
        file = outcome.path.name
        notes = list(delivery.notes)
        for name in self.constants:
            if record.column_of(name) is None:
                notes.append(
                    Problem(f"--set {name} 不适用于「{record.label_zh}」，未使用", f"--set {name} does not apply to {record.name} and was not used", file=file)
                )
        notes += unknown_columns(match, record, Problem("", "", file=file, sheet=delivery.sheet, line=delivery.header_row))
        for kind, count, zh, en, fix_zh, fix_en in (
            ("total", profile.totals, "跳过 {count} 个合计行：行 {{}}", "{rows} skipped: line {{}}", "导出时去掉合计行", "leave total rows out of the export"),
            (
                "note",
                profile.notes,
                "跳过 {count} 行说明文字：行 {{}}",
                "{rows} skipped, words that are no row: line {{}}",
                "若是数据行，补齐必需的列",
                "if it is a row of data, fill in the required columns",
            ),
        ):
            if count:
                lines = [row[0] for row in self.connection.execute("select row_no from faults where kind = $1 order by row_no limit 5", [kind]).fetchall()]
                notes.append(_problem_at(delivery, lines, count, zh.format(count=count), en.format(rows=_rows(count, kind)), fix_zh, fix_en))
        notes += self._unnamed(delivery, match, record)
        for limit in ROW_LIMITS:
            if limit in (profile.rows, profile.rows + 1):
                notes.append(
                    Problem(
                        f"恰好 {limit:,} 行（电子表格的上限）：很可能被截断",
                        f"exactly {limit:,} rows, the limit of a spreadsheet: probably cut off",
                        "与报送方核对行数",
                        "compare the number of rows with the supplier",
                        file=file,
                    )
                )
        return notes

    def _unnamed(self, delivery: Delivery, match: Match, record: Record) -> list[Problem]:
        """A note for each column that has values and no header (a workbook tells of its own)."""
        names = [name for title, name in zip(delivery.header, match.names, strict=True) if not title.strip()]
        if not names or delivery.sheets:
            return []
        counts = self.connection.execute(
            f"select {', '.join(f'count({ident(name)})' for name in names)} from ({delivery.relation(match.names, record.null_words)})"
        ).fetchall()[0]
        return [
            Problem(
                f"第 {match.names.index(name) + 1} 列没有列名，其中 {count:,} 个值未读入",
                f"column {match.names.index(name) + 1} has no header; its {count:,} values were left out",
                "若是数据，给该列加上列名",
                "name the column if it holds data",
                file=delivery.path.name,
                line=delivery.header_row,
            )
            for name, count in zip(names, counts, strict=True)
            if count
        ]

    def _require_units(
        self, match: Match, record: Record, delivery: Delivery, typist: typing.Typist, profile: typing.Profile, unit: str | None, place: Problem
    ) -> None:
        """Raises GongbaoError when a unit that a title, a header or a note gives would not reach every amount."""
        columns = ", ".join(ident(column.name) for column in typist.columns)
        words = (
            self.connection.execute(f"select row_no, concat_ws(' ', {columns}) from ({typist.rows()}) where kind = 'note' limit 100").fetchall()
            if profile.notes
            else []
        )
        words = [(*delivery.place(row), text) for row, text in words] + [("", place.line, text) for text in getattr(delivery, "words", [])]
        unit = unit or unit_of_amounts(match, [(sheet or "", row, text) for sheet, row, text in words], record, place)
        if unit is None or "unit" in typist.constants:
            return
        without = self.connection.execute(
            f"select count(*) from ({typist.rows()}) where kind is null and {'unit is null' if 'unit' in match.names else 'true'}"
        ).fetchall()[0][0]
        if without:
            raise GongbaoError(
                replace(
                    place,
                    zh=f"说明文字注明单位 {unit}，而 {without} 行没有单位",
                    en=f"words of the file give the unit {unit}, and {without} rows have none",
                    fix_zh=f"加 --set unit={unit}，或在 unit 列中逐行填写",
                    fix_en=f"give --set unit={unit}, or fill in the column unit",
                )
            )

    # ------------------------------------------------------------ commit

    def _ingest(self, outcome: Outcome, sequence: int, corrects: str | None, reason: str | None) -> None:
        path = outcome.path
        name = self.given or record_of(path)
        if name is None:
            self._examine(outcome)  # which refuses it, with the record that it looks like
            return
        digest = sha256_of(path)
        batch = Batch(
            batch_id=manifest.batch_id_of(name, digest, self.settings_of(name), corrects), record=name, sequence=sequence,
            received_at=dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(), file_name=printable(path.name), sha256=digest, settings=self.settings_of(name),
            corrects=corrects, reason=reason,
        )  # fmt: skip
        outcome.record, outcome.batch_id = name, batch.batch_id
        folder = self.home.lake / name / batch.batch_id
        if folder.exists() and manifest.faults(self.home, [folder]):
            # the delivery is read again because its batch is damaged: it keeps its place in the order of arrival
            before = manifest.batch_of(folder)
            if before is not None and before.batch_id == batch.batch_id:
                batch = before
        elif (same := self._same_delivery(batch, path)) is not None:
            outcome.batch_id, outcome.status = same.batch_id, "already"
            return
        elif corrects:
            lake.check_correction(corrects, self.known, path.name)
        self._commit(outcome, batch, *self._examine(outcome))

    def _same_delivery(self, batch: Batch, path: Path) -> Batch | None:
        """The batch of the lake that is this very delivery, read in the same way.

        Raises GongbaoError when the same bytes count already, read in another way, and this delivery does not correct that.
        """
        replaced = {known.corrects for known in self.known}
        same = [known for known in self.known if known.sha256 == batch.sha256]
        counting = [known for known in same if known.batch_id not in replaced]
        for known in counting or same:
            if known.settings == batch.settings and (known in counting or not batch.corrects):
                if found := manifest.faults(self.home, [self.home.lake / known.record / known.batch_id]):
                    raise GongbaoError(*manifest.problems(self.home, found))
                return known
        for known in counting:
            if known.batch_id != batch.corrects and not self._is_of_another_place(batch, known):
                raise GongbaoError(self._other_settings(batch, known, path))
        return None

    def _is_of_another_place(self, batch: Batch, known: Batch) -> bool:
        """Whether the same bytes are no rows of one province and no rows of another: files of a header alone are all alike."""
        located_by = self.records[batch.record].located_by
        places = [json.loads(settings)["set"].get(located_by) for settings in (batch.settings, known.settings)]
        return known.record == batch.record and None not in places and places[0] != places[1] and lake.is_without_rows(self.connection, self.home, known)

    def _other_settings(self, batch: Batch, known: Batch, path: Path) -> Problem:
        again = manifest.command_of(batch, path, corrects=known.batch_id)
        return Problem(
            f"同一份文件已用另外的设置读入为批次 {known.batch_id}：当时 {_settings_text(known, 'zh')}；这次 {_settings_text(batch, 'zh')}",
            f"the same file was read with other settings as batch {known.batch_id}: then {_settings_text(known, 'en')}; now {_settings_text(batch, 'en')}",
            f"若这次的设置才对，更正那一批：{again}",
            f"if the settings of now are right, correct that batch: {again}",
            file=batch.file_name,
        )

    def settings_of(self, record: str) -> str:
        """How files of a record are read, as JSON: the record, the values given for whole files, and the digest of its contract."""
        if record not in self._settings:
            contract = self.records[record]
            values = {found: value for name, value in self.constants.items() if (found := contract.column_of(name))}
            settings = {"record": record, "set": values, "contract": contract.digest(texts_of(contract))}
            self._settings[record] = json.dumps(settings, ensure_ascii=False, sort_keys=True)
        return self._settings[record]

    @property
    def known(self) -> list[Batch]:
        """The batches of the lake, those of this command among them."""
        if self._known is None:
            self._known = manifest.known(self.home)
        return self._known

    def _commit(self, outcome: Outcome, batch: Batch, record: Record, delivery: Delivery, match: Match, typist: typing.Typist) -> None:
        """Write the batch's files beside the lake, keep the delivered file, and make the batch part of the lake in one step."""
        control = self._control(outcome.path, record)
        staged = self.work / batch.batch_id
        free(staged)
        staged.mkdir()
        # every row carries its number: parts may be written as they come, and none waits in memory for the one before it;
        # text that hardly repeats gains nothing from a dictionary: a small limit saves a third of the writing
        self.connection.execute("set preserve_insertion_order = false")
        self.connection.execute(
            f"copy ({typist.typed(batch.batch_id, (dt.datetime.fromisoformat(batch.received_at) + CHINA).date())}) to {literal(str(staged / 'rows.parquet'))} (format parquet, compression zstd, dictionary_size_limit 20000)"
        )
        self.connection.execute("reset preserve_insertion_order")
        verdict = self._apply_rules(outcome, delivery, f"select * from read_parquet({literal(str(staged / 'rows.parquet'))})")
        self.connection.execute(
            f"copy (select {literal(batch.batch_id)} as src_batch_id, cast(row_no as bigint) as src_row_no, column_name, reason from faults "
            f"where not coalesce({OF_NO_DATA}, false) order by row_no) to {literal(str(staged / 'unreadable.parquet'))} (format parquet, compression zstd)"
        )
        self._write_control(outcome, staged, control, record)
        years = [(batch.batch_id, *found) for found in verdict.years.items()] or [(batch.batch_id, None, 0)]
        lake.write_parquet(self.connection, staged / "years.parquet", lake.YEARS, years)
        described = self._described(outcome, batch, delivery, match, typist) | self._where_and_when(record, staged / "rows.parquet")
        described["provinces"] = described["provinces"] or outcome.nothing_in or None
        lake.write_parquet(self.connection, staged / "batch.parquet", lake.BATCH, [tuple(described[name] for name, _ in lake.BATCH)])
        manifest.write(staged, batch)
        lake.keep_original(self.home, outcome.path, record.name, batch.batch_id)
        lake.commit(self.home, staged, record.name, batch.batch_id)
        self.known.append(batch)
        outcome.batch_id, outcome.status = batch.batch_id, "ingested"

    def _described(self, outcome: Outcome, batch: Batch, delivery: Delivery, match: Match, typist: typing.Typist) -> dict[str, object]:
        """Batch.parquet's values by column, but for those that its rows give."""

        def as_json(content: object) -> str:
            return json.dumps(content, ensure_ascii=False, sort_keys=True)

        return asdict(batch) | {
            "file_bytes": outcome.path.stat().st_size, "file_format": delivery.file_format, "encoding": delivery.encoding or None, "delimiter": delivery.delimiter or None,
            "sheets": as_json(delivery.sheets), "columns_delivered": ",".join(column.name for column in typist.columns), "columns_set": ",".join(sorted(typist.constants)),
            "columns_unknown": len(match.unknown), "headers_unknown": as_json(match.unknown), "aliases_used": as_json(match.aliases), "repairs": as_json(outcome.repairs),
            "rows_read": outcome.rows_read, "rows_typed": outcome.rows_typed, "rows_unreadable": outcome.rows_unreadable, "rows_skipped": outcome.rows_skipped,
        }  # fmt: skip

    def _where_and_when(self, record: Record, rows: Path) -> dict[str, object]:
        """Listed provinces of the typed rows (six digits, comma-separated, most rows first), first and last month (2024-01) or year."""
        dated = f"strftime({record.dated_by}, '%Y-%m')"
        if record.by_name[record.dated_by].data_type == "varchar":
            dated = f"case when regexp_full_match({record.dated_by}, '[0-9]{{6}}') then left({record.dated_by}, 4) || '-' || right({record.dated_by}, 2) when regexp_full_match({record.dated_by}, '[0-9]{{4}}') then {record.dated_by} end"
        found = self.connection.execute(
            f"with located as (select left({record.located_by}, 2) || '0000' as province, count(*) as rows from read_parquet({source(rows)}) "
            f"where left({record.located_by}, 2) || '0000' in (select unnest($provinces)) group by 1) "
            f"select (select string_agg(province, ',' order by rows desc, province) from located), min(dated), max(dated) from (select {dated} as dated from read_parquet({source(rows)}))",
            {"provinces": province_codes()},
        ).fetchall()[0]
        return dict(zip(("provinces", "first_month", "last_month"), found, strict=True))

    def _control(self, path: Path, record: Record) -> dict[str, Decimal]:
        """Measure → expected, from the control file beside a file. Raises GongbaoError when it cannot be read."""
        source = lake.control_file(path)
        if not source.is_file():
            return {}
        try:
            content = json.loads(source.read_text(encoding="utf-8-sig"))
            control = {"rows": Decimal(content["rows"])} if "rows" in content else {}
            for title, total in content.get("sums", {}).items():
                name = record.column_of(title)
                if name is None or not record.by_name[name].data_type.startswith(("decimal", "integer")):
                    raise KeyError(title)
                control[name] = Decimal(str(total))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise GongbaoError(
                Problem(
                    "控制总数文件无法读取",
                    "the file of control totals cannot be read",
                    '应为 {"rows": n, "sums": {"列": "合计"}}',
                    'it must be {"rows": n, "sums": {"column": "total"}}',
                    file=source.name,
                )
            ) from error
        return control

    def _write_control(self, outcome: Outcome, staged: Path, control: dict[str, Decimal], record: Record) -> None:
        """control.parquet, and a note for every total that differs. Rows count the unreadable ones too; sums cannot."""
        delivered = {"rows": Decimal(outcome.rows_read)}
        if names := [name for name in control if name != "rows"]:
            sums = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
            found = self.connection.execute(f"select {sums} from read_parquet({literal(str(staged / 'rows.parquet'))})").fetchall()[0]
            delivered |= {name: Decimal(total) for name, total in zip(names, found, strict=True)}
        lake.write_parquet(
            self.connection,
            staged / "control.parquet",
            lake.CONTROL,
            [(outcome.batch_id, name, expected, delivered[name]) for name, expected in control.items()],
        )
        for name, expected in control.items():
            if expected != delivered[name]:
                outcome.notes.append(
                    Problem(
                        f"控制总数不符：{name} 应为 {expected}，读到 {delivered[name]}",
                        f"control total differs: {name} should be {expected}, read {delivered[name]}",
                        "与报送方核对",
                        "compare with the supplier",
                        file=outcome.path.name,
                        column=name,
                    )
                )


def _broken(broken: Broken, outcome: Outcome, delivery: Delivery) -> Problem:
    """A rule and the rows that break it."""
    share, columns = f"{broken.rows:,}/{outcome.rows_typed:,}", f" [{', '.join(broken.columns)}]"
    does = ("拒收", "rejected", "在原文件中改正这些行后重新报送", "correct these lines in the source and deliver again")
    if broken.level != "error":
        does = ("仅提示", "counted, a warning", "与原始记录核对", "compare with the source")
    return _problem_at(
        delivery,
        list(broken.first_rows),
        broken.rows,
        f"{broken.code} {broken.zh}{columns}：{share} 行{does[0]}；行 {{}}",
        f"{broken.code} {broken.en}{columns}: {share} rows {does[1]}; line {{}}",
        *does[2:],
        broken.columns[0] if len(broken.columns) == 1 else "",
    )


def _shared(reader: CodeReader, text: str, codes: tuple[str, ...], rows: int, path: Path) -> Problem:
    """A name that codes of different meaning share."""
    listed = ", ".join(codes)
    return Problem(
        f"{reader.column.name}（{reader.column.label_zh}）的「{text}」是几个代码的名称（{listed}），含义不同：{rows:,} 行",
        f"'{text}' in {reader.column.name} is the name of several codes of different meaning ({listed}): {rows:,} rows",
        "改用代码",
        "write the code instead",
        file=path.name,
        column=reader.column.name,
    )


def _masked(reader: CodeReader, typist: typing.Typist) -> Problem:
    """Texts of a column of codes that are no code: what they are is not said unless they can be nobody's name."""
    count, name = sum(rows for _, rows in reader.masked), reader.column.name
    shown = [(f"「{text}」", f"'{text}'") if reader.harmless(text) else shape(text) for text, _ in reader.masked[:3]]
    return _problem_at(
        typist.delivery,
        typist.rows_with(reader.column, [text for text, _ in reader.masked]),
        count,
        f"{name}（{reader.column.label_zh}）有 {count:,} 行不是代码、也不是代码表中的名称：{'、'.join(zh for zh, _ in shown)}；不保留；行 {{}}",
        f"{count:,} rows of {name} hold neither a code nor a name of the code list: {', '.join(en for _, en in shown)}; not kept; line {{}}",
        "改用代码或代码表中的名称；通用的叫法可加入 dbt_project.yml 的 record_defaults.code_words",
        "use codes or the names of the code list; a word that all use can be added to record_defaults.code_words in dbt_project.yml",
        name,
    )


def _rows(count: int, kind: str) -> str:
    return f"{count:,} {kind} row{'' if count == 1 else 's'}"


def _settings_text(batch: Batch, language: str) -> str:
    """The settings of a batch in a line."""
    settings = json.loads(batch.settings)
    given = " ".join(f"--set {column}={value}" for column, value in settings["set"].items()) or {"zh": "无 --set", "en": "no --set"}[language]
    return {"zh": f"记录 {batch.record}，{given}，契约 {settings['contract']}", "en": f"record {batch.record}, {given}, contract {settings['contract']}"}[
        language
    ]


def _problem_at(delivery: Delivery, lines: list[int], count: int, zh: str, en: str, fix_zh: str = "", fix_en: str = "", column: str = "") -> Problem:
    """A problem of `count` rows, of which `lines` are the first; `{}` in the texts becomes their places as the file shows them."""
    places = [delivery.place(line) for line in lines]
    sheets = list(dict.fromkeys(sheet for sheet, _ in places))
    shown = "; ".join((f"{sheet}: " if len(sheets) > 1 else "") + ", ".join(str(row) for at, row in places if at == sheet) for sheet in sheets)
    shown += ", …" if count > len(lines) else ""
    sheet, row = places[0]
    return Problem(zh.replace("{}", shown), en.replace("{}", shown), fix_zh, fix_en, file=delivery.path.name, line=row, column=column, sheet=sheet or "")


def _destroyed(record: Record, name: str, counts: tuple[int, int], path: Path) -> Problem:
    label = record.by_name[name].label_zh
    return Problem(
        f"{name}（{label}）的号码已被电子表格损坏：{counts[1]} 个中有 {counts[0]} 个变成科学记数法、小数，或只剩 15 位而尾数全为 0，无法恢复",
        f"the numbers of {name} were destroyed by a spreadsheet: {counts[0]} of {counts[1]} are in scientific notation, decimal, or cut to 15 digits and filled with zeros, and cannot be repaired",
        "从源系统重新导出为 CSV，不经电子表格打开，或先把该列设为文本",
        "export from the source system again as CSV without opening it in a spreadsheet, or set the column to text first",
        file=path.name,
        column=name,
    )


def _too_many(outcome: Outcome, path: Path) -> Problem:
    share = outcome.rows_unreadable / outcome.rows_read
    return Problem(
        f"{outcome.rows_read:,} 行中有 {outcome.rows_unreadable:,} 行不可读（{share:.1%}，上限 {UNREADABLE_SHARE:.0%}）：列可能错位，整份文件不读入",
        f"{outcome.rows_unreadable:,} of {outcome.rows_read:,} rows are unreadable ({share:.1%}, the limit is {UNREADABLE_SHARE:.0%}): columns may be shifted, the whole file is refused",
        "按下列各列与行号检查导出",
        "check the export at the columns and lines below",
        file=path.name,
    )


def ingest_files(
    home: Home,
    paths: list[Path],
    record: str | None = None,
    constants: dict[str, str] | None = None,
    corrects: str | None = None,
    reason: str | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    max_rejected: float = MAX_REJECTED,
) -> list[Outcome]:
    """Ingest files under the lake's lock, two at a time; `tell` hears of each. One refusal does not stop the others.
    Returns the outcomes in the order of `paths`.

    Raises GongbaoError when nothing can be done at all (locked, wrong options, another key).
    """
    corrects = corrects.removeprefix("batch:") if corrects else None
    if bool(corrects) != bool(reason and reason.strip()):
        raise GongbaoError(
            Problem(
                "--corrects 与 --reason 必须同时给出",
                "--corrects and --reason go together",
                '例如 --corrects 批次号 --reason "复核更正"',
                'for example --corrects BATCH --reason "recount"',
            )
        )
    if corrects and len(paths) != 1:
        raise GongbaoError(
            Problem(
                f"--corrects 只能用于一个文件，这里有 {len(paths)} 个", f"--corrects takes one file, here are {len(paths)}", "逐个更正", "correct one at a time"
            )
        )
    key = identity.load_key()
    with lake.locked(home):
        manifest.refuse_older(home)
        lake.ensure_lake(home)
        lake.check_key(home, identity.fingerprint(key))
        work = lake.staging(home)
        with signals.removed(work):
            # of files of one command the later in the order given is the later batch, whichever is read faster
            last = max((known.sequence for known in manifest.known(home)), default=0)
            sequences = {path: last + number for number, path in enumerate(paths, 1)}
            # Files of one size may be the same file: they go to one worker, which knows what it has read.
            by_size: dict[int, list[Path]] = {}
            for path in paths:
                by_size.setdefault(path.stat().st_size if path.is_file() else -1, []).append(path)
            shares = [[path for group in list(by_size.values())[first::WORKERS] for path in group] for first in range(WORKERS)]
            outcomes: dict[Path, Outcome] = {}

            def work_through(number: int, share: list[Path]) -> None:
                folder = work / str(number)
                folder.mkdir()
                door = Door(home, folder, record, constants, max_rejected)
                try:
                    identity.install(door.connection, key)
                    for path in share:
                        outcomes[path] = door.ingest(path, sequences[path], corrects, reason)
                        tell(outcomes[path])
                finally:
                    door.close()

            with ThreadPoolExecutor(WORKERS) as workers:
                for done in [workers.submit(work_through, number, share) for number, share in enumerate(shares) if share]:
                    done.result()
    return [outcomes[path] for path in paths]


def check_files(
    home: Home,
    paths: list[Path],
    record: str | None = None,
    constants: dict[str, str] | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    max_rejected: float = MAX_REJECTED,
) -> list[Outcome]:
    """The same examination without key, lock or lake."""
    with tempfile.TemporaryDirectory(prefix="gongbao-check-") as folder, signals.removed(Path(folder)):
        door = Door(home, Path(folder), record, constants, max_rejected)
        try:
            outcomes = []
            for path in paths:
                outcomes.append(door.check(path))
                tell(outcomes[-1])
        finally:
            door.close()
    return outcomes
