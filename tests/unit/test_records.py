"""A record is its folder: what the project's lists say of records agrees with what the folders say, and Python names none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml
from country import PROJECT

from gongbao.contracts import load_contracts, project_variables, read_yaml, record_names
from gongbao.ingest import rules

RECORDS = record_names()
VARIABLES = project_variables()
FORMS = {"register", "event", "monthly", "ledger", "reported"}


def found_in(record: str) -> set[str]:
    """Models in which breaks of the record's rules are found."""
    places = {rule.get("found_in", "older").partition(".")[0] for rule in rules.rules_of(record)}
    return places - {"older", "cancelling"}


def models() -> set[str]:
    return {path.stem for path in (PROJECT / "models").rglob("*.sql")}


def test_the_records_are_the_folders_that_describe_a_table_of_the_lake() -> None:
    described = {
        table["name"]
        for path in (PROJECT / "models" / "staging").glob("*/*.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8")).get("sources", ())
        if source["name"] == "lake"
        for table in source["tables"]
    }
    assert set(RECORDS) == described and len(RECORDS) == len(described) >= 5


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_has_its_six_files(record: str) -> None:
    folder = PROJECT / "models" / "staging" / record
    own = [folder / f"{record}.yml", *(folder / f"{kind}_{record}.sql" for kind in ("stg", "checked", "accepted"))]
    assert [path for path in (*own, PROJECT / f"gongbao/sample/sql/{record}.sql", PROJECT / f"tests/records/{record}.csv") if not path.is_file()] == []


@pytest.mark.parametrize("record", RECORDS)
def test_every_staging_model_begins_with_the_columns_of_all(record: str) -> None:
    text = (PROJECT / "models" / "staging" / record / f"stg_{record}.sql").read_text(encoding="utf-8")
    row = text.split("---------- row")[1].split("----------")[0]
    names = [line.rstrip(",").rsplit(" ", 1)[-1] for line in map(str.strip, row.splitlines()) if line and not line.startswith("--")]
    assert names == ["batch_id", "row_no", "received_on", "row_key", "updated_at", "valid_flag", "weight", "region_code", "counted_on"]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_names_its_form_and_columns_that_it_has(record: str) -> None:
    contract = load_contracts()[record]
    assert contract.form in FORMS
    assert {*contract.key, contract.located_by, contract.dated_by} <= set(contract.by_name)


@pytest.mark.parametrize("record", RECORDS)
def test_the_rules_of_a_record_have_codes_and_bits_of_their_own(record: str) -> None:
    of_record = rules.rules_of(record)
    assert len({rule["code"] for rule in of_record}) == len(of_record) and len({rule["code"][:4] for rule in of_record}) == 1
    bits = [rule["bit"] for rule in of_record if rule["bit"]]
    assert len(set(bits)) == len(bits) and all(bit.bit_count() == 1 for bit in bits)
    assert [rule["code"] for rule in of_record if not rule["bit"] and rule.get("found_in") not in VARIABLES["finders"]] == []
    assert sum(rule.get("found_in") == "older" for rule in of_record) == 1
    assert all(rule["zh"] and rule["en"] and rule["level"] in ("error", "warning") for rule in of_record)


def test_the_finders_are_the_models_that_rules_name() -> None:
    assert set(VARIABLES["finders"]) == set().union(*map(found_in, RECORDS)) <= models()


def test_what_has_models_for_its_entries_is_a_record() -> None:
    assert set(VARIABLES["entries"]) <= set(RECORDS) and set(VARIABLES["entries"].values()) <= models()
    in_one_pass = {record for record in RECORDS if "passes" in read_yaml(f"models/staging/{record}/{record}.yml")["sources"][0]["tables"][0]["config"]["meta"]}
    assert in_one_pass and in_one_pass <= set(VARIABLES["entries"])


def test_what_holds_for_all_records_is_said_by_none_of_them() -> None:
    common = {column["name"]: column for column in VARIABLES["record_defaults"]["columns"]}
    for record in RECORDS:
        own = {column["name"] for column in read_yaml(f"models/staging/{record}/{record}.yml")["sources"][0]["tables"][0]["columns"]}
        assert own.isdisjoint(common), record


@pytest.mark.parametrize("path", sorted((PROJECT / "gongbao").rglob("*.py")), ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_python_names_no_record(path: Path) -> None:
    constants = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)}
    assert constants.isdisjoint(RECORDS)
