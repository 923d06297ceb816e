"""docs/dashboard.md says what an exposure may hold: every key that the models read, every kind that is drawn."""

from __future__ import annotations

import re

import pytest
from country import PROJECT

from dashboard.kinds import DRAWN

GUIDE = (PROJECT / "docs" / "dashboard.md").read_text(encoding="utf-8")
READ = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "macros" / "pages.sql", *(PROJECT / "models" / "marts" / "pages").glob("*.sql")))
# What the SQL takes from a figure, a number of one, and the meta of an exposure (`given` is a figure's own YAML).
TAKEN = r"""(?:given|figure|number|meta)(?:\.get\(\s*'(\w+)'|\.(\w+)\b(?!\())"""
# Texts in both languages are taken by a loop over their names.
TAKEN_IN_BOTH = r"""for name in \[([^\]]*)\] %\}\{% do row\.update\(in_both\("""
# What the macros put into figures and numbers themselves, which no YAML holds.
MADE = {"get", "position", "name", "numbers", "given", "indicator", "dims", "show", "replace", "split", "order"}


def keys() -> set[str]:
    taken = {key for match in re.finditer(TAKEN, READ) for key in match.groups() if key}
    texts = {name for names in re.findall(TAKEN_IN_BOTH, READ) for name in re.findall(r"\w+", names)}
    return (taken | texts) - MADE | {"order"}


def test_the_models_of_pages_read_keys() -> None:
    assert {"kind", "of", "by", "shape", "half", "total", "question", "answer", "before", "staff_tables", "controls"} <= keys()


@pytest.mark.parametrize("key", sorted(keys()))
def test_every_key_of_an_exposure_is_in_the_guide(key: str) -> None:
    assert re.search(rf"`{key}\b[^`]*`|\b{key}: …", GUIDE), key


@pytest.mark.parametrize("kind", sorted(DRAWN))
def test_every_kind_of_figure_is_in_the_guide_with_what_its_answer_may_name(kind: str) -> None:
    (row,) = re.findall(rf"(?m)^\| `{kind}` \| .*$", GUIDE)
    named = set(re.findall(r"`\{(\w+)\}`", row))
    code = (PROJECT / "dashboard" / "kinds.py").read_text(encoding="utf-8")
    draws = re.findall(rf"(?ms)^def draw_{kind}\(.*?(?=^def |^DRAWN)", code) + (
        re.findall(r"(?ms)^def draw_single\(.*?(?=^def )", code) if kind == "course" else []
    )
    calls = re.findall(r"(?s)said\(\s*here, figure\.answer, (.*?)\n?\s*\)(?:  # fmt: skip|\n)", "".join(draws))
    assert calls
    given = {name for call in calls for name in re.findall(r"\b(\w+)=", call)}
    assert named == given
