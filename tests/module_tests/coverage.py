"""Check by measured coverage that the tests of a module run it: `make coverage` calls this.

Of the lines of a module that any test runs, its own tests must run at least a third. Only the
process of the tests is measured: neither a browser's server nor a child process.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from coverage import CoverageData

from tests.module_tests.lookup import ROOT, WHOLE_APPLICATION, lines_to_run, modules, tests_of

LEAST = 1 / 3


def main(data_file: str = ".coverage") -> int:
    """Print the modules whose own tests run too little of them, and return their number."""
    complaints = list(find_unrun(Path(data_file)))
    for complaint in complaints:
        print(complaint)
    return len(complaints)


def find_unrun(data_file: Path) -> Iterator[str]:
    """Return a sentence for each module of which its own tests run less than a third."""
    data = CoverageData(str(data_file))
    data.read()
    for module, path in modules().items():
        lines = lines_to_run(path)
        contexts = {
            line: {context.partition("::")[0] for context in found if context}
            for line, found in data.contexts_by_lineno(str(path)).items()
            if line in lines
        }
        files = tests_of(module)
        if any(file.startswith(WHOLE_APPLICATION) for file in files):
            continue
        own = {f"tests/{file}.py" for file in files}
        run = [tests for tests in contexts.values() if tests]
        run_by_own = [tests for tests in run if tests & own]
        if len(run_by_own) < LEAST * len(run):
            yield (
                f"{path.relative_to(ROOT)}: {', '.join(sorted(own))} run {len(run_by_own)} of the "
                f"{len(run)} lines that all tests run"
            )


if __name__ == "__main__":
    raise SystemExit(min(1, main(*sys.argv[1:])))
