"""What newcomers rely on: the lock covers what the project names, for each Python that it names; licence, hooks and links are there."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from country import PROJECT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

NAMED = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = [version for version in ("3.10", "3.11", "3.12", "3.13", "3.14") if version in SpecifierSet(NAMED["requires-python"])]


def locked(python: str) -> dict[str, str]:
    """The version of every package that the lock installs under a Python, by name."""
    lines = (PROJECT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = {}
    for line in lines:
        text, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
        assert hashes and all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes), text
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python, "python_full_version": f"{python}.0"}):
            assert requirement.name not in found
            found[requirement.name] = str(requirement.specifier).removeprefix("==")
    return found


def test_it_runs_on_three_pythons() -> None:
    assert PYTHONS == ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_what_the_project_names(python: str) -> None:
    pins = locked(python)
    assert len(pins) > 80
    for text in NAMED["dependencies"] + NAMED["optional-dependencies"]["dev"]:
        wanted = Requirement(text)
        assert pins[wanted.name] in wanted.specifier


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert "://" not in (PROJECT / "requirements.lock").read_text(encoding="utf-8")


def test_the_licence_is_there_and_named() -> None:
    assert NAMED["license"] == "Apache-2.0" and NAMED["license-files"] == ["LICENSE"]
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert text.split("\n", 2)[1].strip() == "Version 2.0, January 2004" and "END OF TERMS AND CONDITIONS" in text


def test_hooks_need_no_network() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    programs = {hook["entry"].split()[0] for repository in hooks["repos"] for hook in repository["hooks"]}
    assert programs == {"ruff", "sqlfluff"} <= set(locked("3.11"))
    assert {hook["language"] for repository in hooks["repos"] for hook in repository["hooks"]} == {"system"}


@pytest.mark.parametrize(
    "document", sorted(path.relative_to(PROJECT).as_posix() for pattern in ("*.md", "docs/*.md", "deploy/*.md") for path in PROJECT.glob(pattern))
)
def test_links_in_documents_lead_somewhere(document: str) -> None:
    folder = (PROJECT / document).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (PROJECT / document).read_text(encoding="utf-8"))
    assert [link for link in links if not (folder / link).exists()] == []
