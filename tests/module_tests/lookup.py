"""The tests of a module: the files of its name in a folder of its package's name, or its row.

The rows are in rows.toml. The folders between do not matter, so that files can move.
"""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import grimp

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
ROWS_FILE = Path(__file__).with_name("rows.toml")
PACKAGES = ("app", "jobs", "pages")
# tests that start the application with all of its modules, in processes of its own
WHOLE_APPLICATION = ("browser/", "deploy/")
# widgets are tested through their screens; the modules directly in app have no package's name
FOLDERS = {"ui": {"ui", "pages"}, "app": {"unit", "integration"}}


@cache
def modules() -> dict[str, Path]:
    """Return the pages and the modules that define a function: constants need no test."""
    files = [path for folder in PACKAGES for path in sorted((ROOT / folder).rglob("*.py"))]
    return {module_name(path): path for path in files if lines_to_run(path)}


def module_name(path: Path) -> str:
    """Return the name that imports a file, of an `__init__` that of its package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def lines_to_run(path: Path) -> frozenset[int]:
    """Return where the statements of a page begin, of a module those inside functions."""
    tree = ast.parse(path.read_text())
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    bodies = [tree.body] if path.is_relative_to(ROOT / "pages") else [f.body for f in functions]
    return frozenset(
        node.lineno
        for body in bodies
        for statement in without_docstring(body)
        for node in ast.walk(statement)
        if isinstance(node, ast.stmt)
    )


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run."""
    first = body[0] if body else None
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if is_text else body


@cache
def every_test_file() -> dict[str, Path]:
    """Return the test files by their path in tests/ without suffix: `unit/kit/test_money`."""
    paths = sorted(TESTS.rglob("test_*.py"))
    return {path.relative_to(TESTS).with_suffix("").as_posix(): path for path in paths}


@cache
def rows() -> dict[str, list[str]]:
    """Return the rows as they are written."""
    return tomllib.loads(ROWS_FILE.read_text())


def tests_of(module: str) -> list[str]:
    """Return the test files of a module: those of its name, else those of its row."""
    return mirrored(module) or named(module)


def mirrored(module: str) -> list[str]:
    """Return the test files with a module's name, in a folder with its package's name."""
    parts = module.split(".")
    package = parts[1] if in_package(module) else parts[0]
    folders = FOLDERS.get(package, {package})
    return [
        file
        for file in every_test_file()
        if file.split("/")[-1] == f"test_{parts[-1]}" and folders & set(file.split("/"))
    ]


def in_package(module: str) -> bool:
    """Tell whether a module is in a package of app."""
    return module.startswith("app.") and module.count(".") > 1


def named(module: str) -> list[str]:
    """Return the test files that the row of a module names."""
    return files_by_module().get(module, [])


@cache
def files_by_module() -> dict[str, list[str]]:
    """Return the test files that the rows name, by the module each row means."""
    files: dict[str, list[str]] = defaultdict(list)
    for key, names in rows().items():
        for module in meant(key, modules(), "."):
            files[module] += [
                file for name in names for file in meant(name, every_test_file(), "/")
            ]
    return files


def meant(name: str, known: Iterable[str], separator: str) -> list[str]:
    """Return what a name means: itself, or what has further folders between its parts."""
    if name in known:
        return [name]
    parts = name.split(separator)
    return [one for one in known if contains(one.split(separator), parts)]


def contains(path: list[str], parts: list[str]) -> bool:
    """Tell whether the parts occur in a path in their order, the last one at its end."""
    rest = iter(path)
    return path[-1] == parts[-1] and all(part in rest for part in parts)


@cache
def reached(file: str) -> frozenset[str]:
    """Return the modules that a test file imports or names, and all that those import."""
    path = every_test_file()[file]
    # the fixtures of its folders; those of tests/ itself are for all
    folders = path.relative_to(TESTS).parents[:-1]
    fixtures = (mentioned(TESTS / folder / "conftest.py") for folder in folders)
    first = mentioned(path).union(*fixtures)
    return frozenset(first.union(*map(imported_by, first)))


@cache
def imported_by(module: str) -> frozenset[str]:
    """Return all modules that a module imports, and those that they import."""
    return frozenset(import_graph().find_upstream_modules(module))


def reaches(file: str, module: str) -> bool:
    """Tell whether a test file can run a module.

    Where nothing imports it, another module of its package starts it or imports it by its name.
    """
    if file.startswith(WHOLE_APPLICATION):
        return True
    by_name = in_package(module) or module.startswith("jobs.tasks.")
    if import_graph().find_modules_that_directly_import(module) or not by_name:
        return module in reached(file)
    # the timetable imports a job when it runs
    package = "jobs" if module.startswith("jobs.") else ".".join(module.split(".")[:2])
    return any(one.startswith(f"{package}.") for one in reached(file))


@cache
def import_graph() -> grimp.ImportGraph:
    """Return who imports whom in app, jobs and pages."""
    return grimp.build_graph(*PACKAGES)


def pages_named(name: str) -> set[str]:
    """Return the page of this file name, in whichever folder of pages/ it is."""
    return {
        page
        for page in import_graph().modules
        if page.startswith("pages.") and page.rpartition(".")[2] == name
    }


@cache
def mentioned(path: Path) -> frozenset[str]:
    """Return the modules that a file of tests imports, names as text, or opens as a page."""
    words: set[str] = set()
    lenders: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text() if path.exists() else "")):
        match node:
            case ast.Import():
                words |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                words |= {module} | {f"{module}.{alias.name}" for alias in node.names}
                # fixtures are borrowed from other tests
                if module.rpartition(".")[2].startswith(("test_", "conftest")):
                    lenders.add(ROOT / f"{module.replace('.', '/')}.py")
            case ast.Constant(value=str(text)):
                name = text.removesuffix(".py")
                words |= {text, f"{text}.__main__"} | pages_named(name)
                words |= {f"app.{name}"} if text.endswith(".py") else set()
    found = frozenset(words & import_graph().modules)
    return found.union(*(mentioned(lender) for lender in lenders - {path}))
