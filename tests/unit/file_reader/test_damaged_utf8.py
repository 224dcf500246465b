"""UTF-8 files with some bytes of another encoding, or with letters garbled before."""

import pytest

from app.file_reader import presets
from app.file_reader.table import Table, read

ROWS = "Name,City\nZoë Grün,Köln\nÄnne Voß,Gießen\nJörg Kühn,Görlitz\n"


def table(data: bytes) -> Table:
    return read(data, is_header=lambda row: presets.recognise(row) is not None)


def first_cells(data: bytes) -> list[str]:
    return [str(row["0"]) for row in table(data).cells.to_pylist()]


def test_a_few_other_bytes_garble_no_other_letters() -> None:
    data = ROWS.encode() + "Bärbel Lösch,Trier\n".encode("cp1252")
    assert first_cells(data) == ["Zoë Grün", "Änne Voß", "Jörg Kühn", "Bärbel Lösch"]
    assert table(data).encoding == "utf-8"
    assert [note.sentence for note in table(data).notes] == [
        (
            "The file is in UTF-8, but not everywhere: places that are not (2) were read as "
            "Windows-1252, as in “Bärbel”."
        )
    ]


def test_a_file_cut_off_in_a_letter_is_read_as_utf8() -> None:
    data = (ROWS + "Ida Moor,Plön").encode()[:-2]
    assert first_cells(data)[0] == "Zoë Grün"
    assert [note.code for note in table(data).notes] == ["bytes_not_utf8"]


def test_few_letters_of_utf8_by_chance_are_not_enough() -> None:
    data = "Name,City\nJosé Ordóñez,Cádiz\n".encode("cp1252")
    assert first_cells(data) == ["José Ordóñez"]
    assert table(data).notes == ()


@pytest.mark.parametrize("name", ["Müller", "Gergő", "D’Arc", "Kovács"])
def test_letters_garbled_before_are_named(name: str) -> None:
    garbled = name.encode().decode("cp1252", "replace")
    (note,) = table(f"Name,City\n{garbled} Ann,Rome\n".encode()).notes
    assert note.sentence.startswith(f"Letters look garbled, as in “{garbled}”")


@pytest.mark.parametrize("name", ["MÃE", "São", "Ângela", "Åsa", "Crème", "Đorđe", "Nº 5"])
def test_letters_that_are_meant_are_not_called_garbled(name: str) -> None:
    assert table(f"Name,City\n{name},Rome\n".encode()).notes == ()
