"""Problems found by SQL: the expression that makes one, and its value in Python."""

from collections.abc import Mapping
from typing import Any

from app.imports.values.problems import Problem, check


def problem_sql(code: str, **parameters: str) -> str:
    """Return SQL for a problem as jsonb; each parameter is an SQL expression."""
    check(code, parameters)
    pairs = ", ".join(f"'{name}', {expression}" for name, expression in parameters.items())
    return f"jsonb_build_object('code', '{code}', 'parameters', jsonb_build_object({pairs}))"


def problem_of(staged: Mapping[str, Any]) -> Problem:
    """Return the problem that a statement made with `problem_sql`."""
    return Problem(staged["code"], staged["parameters"])
