"""Every import contract of pyproject.toml fails when one forbidden import is added."""

import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

ROOT = Path(__file__).parents[2]
configure()
KINDS = {"layers": LayersContract, "forbidden": ForbiddenContract}
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {one["name"]: one for one in SETTINGS["contracts"]}

# contract: imports that it must refuse
VIOLATIONS = {
    "Layers of app: entry points, then features, then infrastructure": [
        ("app.kit.money", "app.donors"),
        ("app.db.session", "app.gifts.service"),
        ("app.pledges.service", "app.alerts"),
        ("app.imports.service", "app.ui.base.session"),
    ],
    "Pages and jobs import app and never each other": [
        ("pages.gifts", "jobs.worker"),
        ("app.main", "pages.today"),
        ("jobs.tasks.purge", "pages.today"),
    ],
    "Layers of jobs": [
        ("jobs.tasks.purge", "jobs.timetable"),
        ("jobs.runner", "jobs.tasks.imports"),
    ],
    "In each feature package: service above queries and rules, which never import each other": [
        ("app.imports.queries.staging", "app.imports.service"),
        ("app.gifts.queries.write", "app.gifts.service"),
        ("app.pledges.queries.pledges", "app.pledges.rules.lateness"),
        ("app.summaries.rules", "app.summaries.queries"),
        ("app.privacy.queries.retention", "app.privacy.service"),
    ],
    "Layers of app.imports": [
        ("app.imports.values.amounts", "app.imports.mapping.columns"),
        ("app.imports.parsing.records", "app.imports.queries.runs.runs"),
        ("app.imports.planning.plan", "app.imports.queries.donors.donors"),
        ("app.imports.service", "app.imports.runs.undo"),
    ],
    "Layers of app.file_reader": [("app.file_reader.encoding", "app.file_reader.table")],
    "Child processes that read and write files import no database code": [
        ("app.file_reader.table", "app.db.session"),
        ("app.workbook_writer.cells", "sqlalchemy"),
        ("app.kit.money", "app.settings"),
    ],
    "Layers of app.ui": [
        ("app.ui.base.formats", "app.ui.widgets.forms"),
        ("app.ui.widgets.tables", "app.ui.donors.header"),
        ("app.ui.pledges.list", "app.ui.admin.mail_log"),
    ],
    "Layers of app.donors": [
        ("app.donors.results", "app.donors.queries.search"),
        ("app.donors.queries.write", "app.donors.read_model"),
    ],
    "Layers of app.accounts": [
        ("app.accounts.authorization", "app.accounts.queries.users"),
        ("app.accounts.users.directory", "app.accounts.tokens.api_tokens"),
    ],
    "Layers of app.households": [("app.households.read_model", "app.households.service")],
    "Layers of app.pledges": [("app.pledges.read_model", "app.pledges.service")],
    "Layers of app.gifts": [("app.gifts.splits", "app.gifts.service")],
    "Layers of app.db": [
        ("app.db.statements.timeouts", "app.db.session"),
        ("app.db.models.gifts", "app.db.queue"),
    ],
    "Layers of app.kit": [
        ("app.kit.errors", "app.kit.money"),
        ("app.kit.dates.days", "app.kit.text"),
    ],
    "Layers of app.api": [
        ("app.api.cookies", "app.api.middleware.security"),
        ("app.api.rest.app", "app.api.files"),
    ],
    "Layers of app.api.rest": [
        ("app.api.rest.problems", "app.api.rest.routes.gifts"),
        ("app.api.rest.cursors", "app.api.rest.dependencies"),
    ],
    "Layers of app.cli": [
        ("app.cli.backups", "app.cli.db"),
        ("app.cli.secret", "app.cli.doctor.command"),
    ],
    "Layers of app.demo": [
        ("app.demo.donors.drafts", "app.demo.store"),
        ("app.demo.people", "app.demo.service"),
    ],
    "Rules and kit are pure: no database, no network, no framework": [
        ("app.kit.money", "sqlalchemy"),
        ("app.pledges.rules.lateness", "app.db.session"),
        ("app.goals.rules", "logging"),
        ("app.imports.planning.plan", "app.db.session"),
    ],
    "Only pages and app.ui import Streamlit": [
        ("app.gifts.service", "streamlit"),
        ("jobs.worker", "plotly"),
    ],
    "Pages, jobs, routes and widgets import feature packages by their public names": [
        ("pages.gifts", "app.gifts.queries.write"),
        ("app.ui.gifts.list", "app.gifts.rules"),
        ("jobs.tasks.purge", "app.privacy.service"),
        ("app.api.files", "sqlalchemy"),
    ],
    "Only mail.smtp opens an SMTP connection": [("app.mail.sender", "smtplib")],
}
EVERY = [(name, *one) for name, found in VIOLATIONS.items() for one in found]


@cache
def graph() -> grimp.ImportGraph:
    packages = SETTINGS["root_packages"]
    return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)


def kept(name: str, seen: grimp.ImportGraph) -> bool:
    # as the reader of pyproject.toml hands it on
    options: dict[str, object] = {
        key: str(value) if isinstance(value, bool) else value
        for key, value in CONTRACTS[name].items()
        if key not in {"name", "type"}
    }
    session = {key: value for key, value in SETTINGS.items() if key != "contracts"}
    contract = KINDS[CONTRACTS[name]["type"]](name, session, options)
    return contract.check(seen, verbose=False).kept


def test_every_contract_has_a_violation() -> None:
    assert set(VIOLATIONS) == set(CONTRACTS)


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_is_kept_without_it(name: str) -> None:
    # a check removes the imports that its contract ignores
    assert kept(name, deepcopy(graph()))


@pytest.mark.parametrize(("name", "importer", "imported"), EVERY)
def test_a_forbidden_import_is_refused(name: str, importer: str, imported: str) -> None:
    seen = deepcopy(graph())
    assert importer in seen.modules
    if imported not in seen.modules:
        seen.add_module(imported, is_squashed=True)
    seen.add_import(importer=importer, imported=imported)
    assert not kept(name, seen)


def test_every_module_is_in_a_contract() -> None:
    """Each module of a feature package is held by the layers of app or of its own package."""
    covered = {package for one in CONTRACTS.values() for package in one.get("containers", ())}
    folders = {
        ".".join(path.relative_to(ROOT).parts[:-1]) for path in (ROOT / "app").rglob("*.py")
    }
    split = {name.rpartition(".")[0] for name in folders if name.count(".") == 2}
    assert split <= covered, "a package with packages needs its layers"
