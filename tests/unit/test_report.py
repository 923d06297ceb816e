"""What `ingest` and `check` print, and the report file that has all of it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gongbao.cli import main
from gongbao.ingest import report
from gongbao.ingest.outcome import Outcome
from gongbao.messages import Problem
from gongbao.paths import Home

POPULATION = "region_code,year,resident_population"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("GONGBAO_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("GONGBAO_KEY", "k")
    monkeypatch.setenv("GONGBAO_DEBUG", "1")
    return Home.from_environment()


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def deliver(folder: Path, name: str, *lines: str) -> Path:
    path = folder / "population" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def page(home: Home, output: str) -> str:
    """The text of the report that an output names, without its marks."""
    path = Path(output.split("报告 report: ")[1].splitlines()[0])
    assert path.parent == home.root / "reports"
    return unescape(re.sub(r"<[^>]+>", " ", path.read_text(encoding="utf-8")))


def good(number: int) -> str:
    return f"{370000 + number},2024,{number}00"


def test_each_file_has_one_line_and_the_messages_are_counted_by_kind(home: Home, tmp_path: Path) -> None:
    for number in range(1, 6):
        deliver(tmp_path, f"{number}.csv", f"{POPULATION},乡镇{number}", f"{good(number)},x", "合计,2024,500,x")
    deliver(tmp_path, "6.csv", POPULATION, good(6))
    said = run("ingest", tmp_path / "population").output
    lines = [line for line in said.splitlines() if line.startswith(("✓", "✗", "="))]
    assert len(lines) == 6 and all("说明 messages 2" in line for line in sorted(lines)[:5]) and "messages" not in sorted(lines)[5]
    assert "  5 × 未知列…，未读入 · unknown column …, left out (首见 first: " in said
    assert "  5 × 跳过 … 个合计行" in said
    assert "乡镇3" not in said, "what differs from file to file stands in the report"
    told = page(home, said)
    assert all(f"未知列「乡镇{number}」" in told and f"unknown column '乡镇{number}'" in told for number in range(1, 6))


def test_a_refused_file_says_why_in_both_languages_and_the_rest_stands_in_the_report(home: Home, tmp_path: Path) -> None:
    deliver(tmp_path, "good.csv", POPULATION, good(1))
    deliver(tmp_path, "bad.csv", f"{POPULATION},eligible_population,a,b,c,d", *(f"370100,2024,x{number},y{number},1,2,3,4" for number in range(20)))
    result = run("ingest", tmp_path / "population")
    assert result.exit_code == 2
    shown = result.output.split("各类说明")[0]
    assert "✗ bad.csv · population · 拒绝 refused" in shown and "整份文件不读入" in shown and "the whole file is refused" in shown
    assert shown.count("→") <= 2 * report.SHOWN
    assert "resident_population must be a number" in page(home, result.output)


def test_a_single_file_shows_its_messages_and_the_summary_is_left_out(home: Home, tmp_path: Path) -> None:
    said = run("ingest", deliver(tmp_path, "a.csv", f"{POPULATION},乡镇", f"{good(1)},x")).output
    assert "未知列「乡镇」" in said and "汇总 summary" not in said and "各类说明" not in said


def test_verbose_prints_every_message_and_summary_only_what_was_refused(home: Home, tmp_path: Path) -> None:
    for number in range(1, 4):
        deliver(tmp_path, f"{number}.csv", f"{POPULATION},乡镇{number}", f"{good(number)},x")
    deliver(tmp_path, "bad.csv", POPULATION)
    short = run("check", "--summary", tmp_path / "population").output
    assert "bad.csv" in short and not any(line.startswith("✓") for line in short.splitlines()) and "3 × 未知列" in short
    whole = run("check", "--verbose", tmp_path / "population").output
    assert all(f"未知列「乡镇{number}」" in whole for number in range(1, 4)) and "各类说明" not in whole


def test_a_long_delivery_stays_short_on_the_screen(home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [
        Outcome(Path(f"{number}.csv"), "population", "ingested", f"population-{number}", 10, 10, notes=[Problem(f"第 {number} 种{'甲' * (number % 40)}", f"kind{'a' * (number % 40)} {number}", file=f"{number}.csv")])
        for number in range(400)
    ]  # fmt: skip
    report.finish(home, "ingest", outcomes, "short")
    said = capsys.readouterr().err
    assert len(said.splitlines()) <= 16 and f"另有 {40 - report.KINDS_IN_SHORT} 类见报告" in said
    assert all(f"第 {number} 种" in page(home, said) for number in range(400))


def test_names_and_values_of_a_file_are_text_in_the_report_and_never_marks(home: Home) -> None:
    outcome = Outcome(Path("<script>alert(1).csv"), "population", "refused", problems=[Problem("值「<b>」", "value '<b>'", file="<i>")])
    report.finish(home, "check", [outcome], "lines")
    (path,) = (home.root / "reports").iterdir()
    text = path.read_text(encoding="utf-8")
    assert "<script>alert" not in text and "<b>" not in text and "<i>" not in text and "&lt;script&gt;" in text


def test_where_no_report_can_be_written_the_screen_has_everything(home: Home, tmp_path: Path) -> None:
    home.root.mkdir(parents=True)
    (home.root / "reports").write_text("in the way")
    for number in range(2):
        deliver(tmp_path, f"{number}.csv", f"{POPULATION},乡镇{number}", f"{good(number + 1)},x")
    said = run("check", tmp_path / "population").output
    assert "报告 report" not in said and "未知列「乡镇0」" in said and "未知列「乡镇1」" in said
