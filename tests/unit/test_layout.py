"""Where a line stands: layers and areas are folders, names say both, and no YAML is longer than one can read."""

from __future__ import annotations

from country import PROJECT

MODELS = PROJECT / "models"
LONGEST = 700


def test_intermediate_models_stand_in_the_folder_of_their_area_and_their_names_say_the_layer() -> None:
    found = [path.relative_to(MODELS / "intermediate") for path in (MODELS / "intermediate").rglob("*.sql")]
    assert len(found) > 20
    assert [path.as_posix() for path in found if len(path.parts) != 2 or not path.name.startswith("int_")] == []


def test_every_folder_of_models_describes_them_in_a_yaml_of_its_own() -> None:
    folders = {path.parent for path in MODELS.rglob("*.sql")}
    assert len(folders) > 20
    assert [folder.relative_to(MODELS).as_posix() for folder in sorted(folders) if not list(folder.glob("*.yml"))] == []


def test_no_yaml_of_models_and_seeds_is_longer_than_one_reads() -> None:
    lines = {
        path.relative_to(PROJECT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("models", "seeds")
        for path in (PROJECT / folder).rglob("*.yml")
    }
    assert len(lines) > 20
    assert {name: number for name, number in lines.items() if number > LONGEST} == {}
