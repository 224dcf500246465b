"""The import plan: counts, sums, problems, and the hash that identifies it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.file_reader.table import LeftOut
from app.imports.values.problems import RowProblem
from app.imports.values.row_numbers import file_row
from app.kit.money import Money

# enough to correct a file; a file with more problems has a single cause
MAX_PROBLEMS = 20_000


@dataclass(frozen=True, slots=True)
class Tally:
    """One summary line of the staged rows: row count, sum (minor units), first and last date.

    `state` is a checksum over the rows' actions and targets: it differs when the matched data
    differ.
    """

    action: str
    currency: str | None
    rows: int
    minor: int
    first: date | None
    last: date | None
    state: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of rows in the file, with the number of rows per action."""

    kind: str
    rows: int
    create: int
    update: int
    skip: int
    conflict: int
    error: int
    sum: dict[str, str]
    first_date: str | None
    last_date: str | None
    problems: tuple[RowProblem, ...] = ()
    # about rows that need no correction
    notes: tuple[RowProblem, ...] = ()
    state: str = ""
    # currency → number of gifts that are imported and wait for an exchange rate
    awaiting_rate: dict[str, int] = field(default_factory=dict)
    # column → number of rows whose value the file would change and the chosen policy does not
    kept: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the import will do; an equal `plan_hash` at commit means the same changes."""

    preset: str
    kind: str
    parts: tuple[Part, ...]
    left_out: tuple[LeftOut, ...]
    answers: dict[str, Any] = field(default_factory=dict)
    plan_hash: str = ""
    # sentences on what was taken for granted about the file, and the columns it does not use
    assumed: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def main(self) -> Part:
        """The part the file is about: the last one (donors come before their gifts)."""
        return self.parts[-1]


def count_rows(
    kind: str,
    *,
    total: int,
    tallies: Iterable[Tally],
    refused: Sequence[RowProblem],
    skipped: Sequence[RowProblem],
    conflicts: Sequence[RowProblem],
    kept: dict[str, int],
    awaiting_rate: dict[str, int],
) -> Part:
    """Add up one kind's rows: refused by parsing, skipped as repeats, and staged.

    `conflicts` are the problems of staged rows, found by comparing them with the stored data.
    Notes among the problems belong to rows that are counted by their action.
    """
    notes = _ordered(problem for problem in (*refused, *conflicts, *skipped) if problem.is_note)
    refused = [problem for problem in refused if not problem.is_note]
    conflicts = [problem for problem in conflicts if not problem.is_note]
    lines = list(tallies)
    accepted = [line for line in lines if line.action in {"create", "update", "skip"}]
    sums: dict[str, int] = {}
    for line in accepted:
        if line.currency and line.minor:
            sums[line.currency] = sums.get(line.currency, 0) + line.minor
    firsts = [line.first for line in accepted if line.first]
    lasts = [line.last for line in accepted if line.last]
    return Part(
        kind=kind,
        rows=total,
        **_count_actions(lines, refused, skipped),
        sum={currency: str(Money(minor, currency)) for currency, minor in sorted(sums.items())},
        first_date=min(firsts).isoformat() if firsts else None,
        last_date=max(lasts).isoformat() if lasts else None,
        problems=_shown(_ordered([*refused, *conflicts])),
        notes=_shown(notes),
        state=_digest([str(line) for line in sorted(lines, key=str)]),
        kept=kept,
        awaiting_rate=awaiting_rate,
    )


def _ordered(problems: Iterable[RowProblem]) -> list[RowProblem]:
    return sorted(problems, key=lambda problem: problem.row)


def _shown(problems: Sequence[RowProblem]) -> tuple[RowProblem, ...]:
    """Return the first problems with the row numbers of the file."""
    return tuple(
        replace(problem, row=file_row(problem.row)) for problem in problems[:MAX_PROBLEMS]
    )


def _count_actions(
    lines: Sequence[Tally], refused: Sequence[RowProblem], skipped: Sequence[RowProblem]
) -> dict[str, int]:
    """Return the number of rows per action."""
    counts = dict.fromkeys(("create", "update", "skip", "conflict", "error"), 0)
    for line in lines:
        counts[line.action] += line.rows
    counts["skip"] += len(skipped)
    errors = {problem.row for problem in refused if problem.action == "error"}
    counts["error"] += len(errors)
    counts["conflict"] += len({problem.row for problem in refused} - errors)
    return counts


def with_hash(plan: Plan, *, file_sha256: str) -> Plan:
    """Return the plan with its hash over the file, the answers and the matched data."""
    facts = [
        file_sha256,
        plan.preset,
        plan.kind,
        json.dumps(plan.answers, sort_keys=True, default=str),
        *(
            f"{p.kind}:{p.rows}:{p.create}:{p.update}:{p.skip}:{p.conflict}:{p.error}:{p.state}"
            for p in plan.parts
        ),
    ]
    return replace(plan, plan_hash=_digest(facts))


def as_json(plan: Plan) -> dict[str, Any]:
    """Return the plan as shown, as JSON with the names used by the command line."""
    shown = counts_json(plan)
    if "parts" in shown:
        shown["parts"] = [_part_json(each) for each in plan.parts]
    notes = _distinct(note for each in plan.parts for note in each.notes)
    return {
        **shown,
        "problems": problems_json(plan.parts),
        "notes": [note.shown() for note in notes],
    }


def stored_problems(plan: Plan) -> list[dict[str, Any]]:
    """Return every problem and note once for storage with the run, ordered by row."""
    every = (problem for each in plan.parts for problem in (*each.problems, *each.notes))
    return [problem.stored() for problem in _distinct(every)]


def counts_json(plan: Plan) -> dict[str, Any]:
    """Return the plan without its problems as JSON, for storage with the run.

    The counts are those of the rows that the file is about; `parts` has their donors' beside them.
    """
    return {
        "preset": plan.preset,
        "kind": plan.kind,
        **_counts(plan.main),
        "left_out": [asdict(row) for row in plan.left_out],
        "assumed": list(plan.assumed),
        "unused": list(plan.unused),
        "plan_hash": plan.plan_hash,
        **({"parts": [_part_counts(each) for each in plan.parts]} if len(plan.parts) > 1 else {}),
    }


def problems_json(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return every problem once as shown, ordered by row; `action` is error or conflict."""
    every = _distinct(problem for each in parts for problem in each.problems)
    return [problem.shown() for problem in every]


def _distinct(problems: Iterable[RowProblem]) -> list[RowProblem]:
    return _ordered(dict.fromkeys(problems))


def _part_json(part: Part) -> dict[str, Any]:
    return _part_counts(part) | {"problems": problems_json([part])}


def _part_counts(part: Part) -> dict[str, Any]:
    return {"kind": part.kind, **_counts(part)}


def _counts(part: Part) -> dict[str, Any]:
    return {
        name: getattr(part, name)
        for name in (
            "rows",
            "create",
            "update",
            "skip",
            "conflict",
            "error",
            "sum",
            "first_date",
            "last_date",
            "kept",
            "awaiting_rate",
        )
    }


def _digest(facts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()
