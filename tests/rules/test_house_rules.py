"""The rules a linter cannot spell, checked on the syntax tree."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [p for d in ("app", "pages", "jobs") for p in sorted((ROOT / d).rglob("*.py"))]
LIMITS = {"pages": 120, "jobs": 80, "app": 300}
LONGEST_FUNCTION = 40
MOST_FILES = 15
SQL = {"select", "execute", "scalar", "scalars", "insert", "update", "text", "exec_driver_sql"}
DONOR_TABLES = {"Donor", "Gift", "Pledge", "DonorSummary", "DonorYear", "OwnerMonth"}
SCOPES = {
    "visible_donors",
    "visible_owners",
    "visible_amounts",
    "editable_donors",
    "giftable_donors",
    "in_scope",
    "in_scope_and_expected",
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(tree: ast.AST) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


# Beside the scheduler and the command line: who asks is not known yet, or it is the machine.
FOR_SYSTEM = {
    "app/api/auth.py": "a sign-in and its end",
    "app/api/bounces.py": "a mail provider with its token, about anybody's mail",
    "app/api/files.py": "whose cookie it is",
    "app/api/health.py": "how the machine is",
    "app/api/metrics.py": "numbers of the machine, for a collector with its token",
    "app/api/passkeys.py": "a sign-in",
    "app/api/rest/routes/auth.py": "a sign-in and its end",
    "app/api/rest/routes/imports.py": "an import compares with everybody's donors",
    "app/api/middleware/security.py": "whose cookie it is",
    "app/backups/restore_drill.py": "the newest backup, by a command or the scheduler",
    "app/backups/service.py": "the whole database, by a command or the scheduler",
    "app/demo/service.py": "made before anybody is there",
    "app/demo/switch.py": "whether an account exists, before anybody is there",
    "app/exports/archive_download.py": "the whole organisation, started by an administrator",
    "app/exports/recording.py": "a failure is recorded also of somebody signed out meanwhile",
    "app/imports/runs/undo.py": "run by the worker",
    "app/imports/runs/worker.py": "run by the worker",
    "app/mail/sender.py": "run by the worker",
    "app/ui/donors/privacy.py": "an erasure reaches into what others may not see",
    "app/ui/imports/actions.py": "an import compares with all donors, and so does its undo",
    "app/ui/signin/demonstration.py": "a sign-in",
    "app/ui/signin/form.py": "a sign-in and its end",
    "app/ui/signin/setup_form.py": "the first account, before anybody is there",
    "app/ui/signin/oidc.py": "a sign-in",
    "app/ui/signin/mfa_prompt.py": "a sign-in",
    "app/ui/shell/impersonation.py": "a View as can only be read in, and yet be ended",
    "pages/donor.py": "the look is written down of a View as too",
    "pages/admin/system.py": "the queue and the schema, which are nobody's",
}


# as transaction(actor) and transaction_for_system(), on the read replica
READINGS = {"replica.read", "replica.read_for_system"}


def opened(path: Path) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"transaction", "transaction_for_system", *READINGS}
    ]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_transaction_names_who_asks(path: Path) -> None:
    """A screen's is a person's; the scheduler and the command line ask for the system.

    A route may begin as nobody, to whom the database shows no donor, until the session or token
    is recognised. Whoever forgets sees nothing.
    """
    place = path.relative_to(ROOT).parts
    machine = place[0] == "jobs" or place[:2] in {("app", "cli"), ("app", "db")}
    for call in opened(path):
        if ast.unparse(call.func) in {"transaction_for_system", "replica.read_for_system"}:
            assert machine or name(path) in FOR_SYSTEM, "say who asks: transaction(actor)"
        elif place[:2] != ("app", "api"):
            assert call.args, "say who asks: transaction(actor) or transaction_for_system()"


def test_only_the_database_package_has_the_engine() -> None:
    """A connection of its own would be the owner's, before whom no wall stands."""
    engines = {"engine", "create_engine", "replica_engine", "session_on"}
    for path in FILES:
        if path.relative_to(ROOT).parts[:2] != ("app", "db"):
            assert not names(ast.parse(path.read_text())) & engines, name(path)


def names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def scoped(functions: list[ast.FunctionDef]) -> set[str]:
    """The scopes, and private functions of a file that name one, directly or through another."""
    found = set(SCOPES)
    while True:
        more = {f.name for f in functions if f.name.startswith("_") and names(f) & found}
        if more <= found:
            return found
        found |= more


def is_query_module(path: Path) -> bool:
    return path.name == "queries.py" or "queries" in path.relative_to(ROOT).parent.parts


QUERY_MODULES = [path for path in FILES if is_query_module(path)]


def speaks_sql(path: Path) -> bool:
    return (
        is_query_module(path)
        or path.name == "authorization.py"
        or path.relative_to(ROOT).parts[:2] == ("app", "db")
    )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_size(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LIMITS[path.relative_to(ROOT).parts[0]], "split this file by idea"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno
            assert lines < LONGEST_FUNCTION, f"{node.name} does more than one thing"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_transaction_commits(path: Path) -> None:
    if path.relative_to(ROOT).parts[:2] != ("app", "db"):
        # imports.commit is a user's word, not the database's
        place = path.relative_to(ROOT).as_posix()
        imports = place in {"app/ui/imports/actions.py", "app/api/rest/routes/imports.py"}
        assert imports or "commit" not in calls(ast.parse(path.read_text())), name(path)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_sql_lives_in_queries(path: Path) -> None:
    tree = ast.parse(path.read_text())
    if speaks_sql(path):
        return
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    assert not imported & SQL, "SQL belongs in queries.py or queries/"
    assert not calls(tree) & {"execute", "scalar", "scalars"}, (
        "SQL belongs in queries.py or queries/"
    )


@pytest.mark.parametrize("path", QUERY_MODULES, ids=name)
def test_every_query_of_donors_is_scoped(path: Path) -> None:
    """A public query of donors' tables names the scope, or whom it serves instead.

    It may serve the scheduler (`..._for_system`), or records a scoped query has found before and
    handed on by their keys (an argument `..._id` or `..._ids`, and no actor).
    """
    functions = [n for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef)]
    scopes = scoped(functions)
    for node in functions:
        if node.name.startswith("_"):
            continue
        if "select" not in calls(node) or not names(node) & DONOR_TABLES:
            continue
        arguments = {a.arg for a in node.args.args + node.args.kwonlyargs}
        keyed = "actor" not in arguments and any(a.endswith(("_id", "_ids")) for a in arguments)
        assert names(node) & scopes or node.name.endswith("_for_system") or keyed, (
            f"{node.name} reads donors without the scope"
        )


def test_a_route_that_imports_names_who_acts() -> None:
    """It needs the system's sight, and is refused once its token has ended or its person has."""
    path = ROOT / "app" / "api" / "rest" / "routes" / "imports.py"
    asked = [
        [ast.unparse(one) for one in call.args]
        for call in opened(path)
        if ast.unparse(call.func) == "transaction_for_system"
    ]
    assert asked == [["actor"]] * 3


def test_the_formatter_lays_out_all_code() -> None:
    folders = ("app", "pages", "jobs", "tests", "benchmarks", "deploy", "migrations")
    words = ("fmt: " + "skip", "fmt: " + "off")
    found = [
        name(path)
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.read_text() for word in words)
    ]
    assert not found


def test_no_folder_has_too_many_files() -> None:
    found = {
        str(folder.relative_to(ROOT)): files
        for top in ("app", "pages", "jobs", "tests", "benchmarks", "deploy", "migrations")
        for folder in (ROOT / top, *(ROOT / top).rglob("*/"))
        if (files := len([p for p in folder.glob("*.py") if p.name != "__init__.py"])) > MOST_FILES
        # numbered in the order of time, and never taken apart
        and folder != ROOT / "migrations" / "versions"
    }
    assert not found, "give its files packages, named for what they are about"


def table_rows(document: str) -> list[list[str]]:
    """Return the cells of each table row of a Markdown file, without headers."""
    lines = (ROOT / document).read_text().splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|--") and not following.startswith("|--")
    ]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_each_promise_about_security_names_its_tests() -> None:
    found = [(first, quoted(last)) for first, last in table_rows("SECURITY.md")]
    assert len(found) > 20
    for promise, names in found:
        assert len(names) == len(set(names)) > 0, promise
        for each in names:
            if each.startswith("python -m "):
                assert benchmark(each).exists(), each
                continue
            file = ROOT / (each if each.startswith("tests/") else f"tests/integration/{each}")
            assert "def test_" in file.read_text() or "pytest" in file.read_text(), each


def benchmark(command: str) -> Path:
    """Return the file that a command `python -m …` runs."""
    module = command.removeprefix("python -m ").split()[0]
    return ROOT / (module.replace(".", "/") + ".py")


@pytest.mark.parametrize(
    ("document", "fewest"), [("docs/threats.md", 25), ("docs/reliability.md", 25)]
)
def test_each_row_about_threats_and_faults_names_existing_tests(
    document: str, fewest: int
) -> None:
    rows = table_rows(document)
    assert len(rows) >= fewest
    for first, *cells, last in rows:
        names = quoted(last)
        assert len(names) == len(set(names)) > 0, first
        for each in names:
            path, _, function = each.partition("::")
            assert f"\ndef {function}(" in (ROOT / "tests" / path).read_text(), each
        commands = [each for cell in cells for each in quoted(cell) if each.startswith("python ")]
        assert all(benchmark(each).exists() for each in commands), first
