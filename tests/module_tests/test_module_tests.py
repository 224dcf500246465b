"""Each module has a test file of its name, or a row of rows.toml that names its tests."""

import pytest

from tests.module_tests.lookup import (
    ROOT,
    ROWS_FILE,
    every_test_file,
    meant,
    mirrored,
    modules,
    named,
    reaches,
    rows,
)


@pytest.mark.parametrize("module", modules())
def test_a_module_has_its_tests(module: str) -> None:
    if mirrored(module):
        assert any(reaches(file, module) for file in mirrored(module)), (
            f"{mirrored(module)} have the name of {module} and do not import it"
        )
        return
    *_, package, name = module.split(".")
    assert named(module), (
        f"write a test_{name}.py in a folder {package} of tests/, or name the tests that run "
        f"{module} in {ROWS_FILE.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("key", rows())
def test_a_row_names_one_module_and_tests_that_import_it(key: str) -> None:
    found = meant(key, modules(), ".")
    assert len(found) == 1, f"one module is meant, not {found}: name it in full, or drop the row"
    module = found[0]
    assert not mirrored(module), f"{mirrored(module)} has its name: the row says nothing"
    for name in rows()[key]:
        files = meant(name, every_test_file(), "/")
        assert len(files) == 1, f"{name}: one test file is meant, not {files}"
        assert reaches(files[0], module), f"{name} imports nothing that imports {module}"


def test_rows_are_in_order() -> None:
    assert list(rows()) == sorted(rows())


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        pytest.param("app.gifts.lists", ["app.gifts.lists"], id="itself"),
        pytest.param("app.donors.lists", ["app.donors.queries.lists"], id="moved deeper"),
        pytest.param("app.gifts.forms", [], id="gone"),
        pytest.param("app.queries", [], id="a folder is no module"),
        pytest.param("app.lists", ["app.gifts.lists", "app.donors.queries.lists"], id="two"),
    ],
)
def test_a_name_keeps_its_meaning_when_files_move(name: str, meaning: list[str]) -> None:
    known = ["app.gifts.lists", "app.donors.queries.lists", "app.gifts.queries.rows"]
    assert meant(name, known, ".") == meaning
