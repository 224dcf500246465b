"""From a placed file to a sealed plan: stage by COPY, match set-wise, add up."""

from dataclasses import replace

from app.accounts import Actor, Role
from app.db import Session
from app.imports import plan as plans
from app.imports import (
    queries_donors,
    queries_funds,
    queries_gift_parts,
    queries_gifts,
    queries_gifts_write,
    queries_match,
    queries_own_policies,
    queries_owners,
    queries_pledges,
    queries_refunds,
    queries_stage,
    reversals,
)
from app.imports.options import Options
from app.imports.parts import typed_parts
from app.imports.plan import MOST_PROBLEMS, Part, Plan
from app.imports.policy import Policy
from app.imports.sheet import Problem
from app.imports.source import Source
from app.imports.typed import Typed


def make_plan(
    db: Session, actor: Actor, made: Source, options: Options, *, file_sha256: str
) -> Plan:
    """Stage the file's rows and decide the fate of each; nothing kept is touched.

    Raises:
        UndecidedError: the date order or decimal mark must be asked.
    """
    queries_stage.prepare(db)
    parts = typed_parts(made, options)
    planned = []
    for part in parts:
        queries_stage.stage(db, part.kind, part.rows)
        if part.kind == "gifts":
            queries_gift_parts.stage(db, part)
        _decide(db, actor, made, options, part.kind)
        planned.append(_part(db, made, part))
    main = parts[-1]
    answers = {
        "date_order": main.date_order,
        "decimal": main.decimal,
        "owner_id": options.owner_id,
        "repeats": options.repeats,
        "source": made.source,
        "columns": dict(sorted(made.columns.items())),
        "words": made.words,
        "people": dict(options.people),
        "policies": dict(options.policies),
    }
    plan = Plan(made.preset, made.kind, tuple(planned), made.table.left_out, answers)
    return plans.sealed(plan, file_sha256=file_sha256)


def write(db: Session, plan: Plan, made: Source, options: Options, *, run_id: int) -> None:
    """Do what the staged plan says, in the transaction that staged it."""
    for part in plan.parts:
        if part.kind == "funds":
            queries_funds.write(db, run_id=run_id, source=made.source)
        elif part.kind == "donors":
            queries_donors.write(
                db, run_id=run_id, source=made.source, policy=_policy(made, options)
            )
            queries_owners.give_tasks(db, run_id=run_id)
        elif part.kind == "pledges":
            queries_pledges.write(
                db, run_id=run_id, source=made.source, today=options.today, mixed=made.mixed
            )
        else:
            queries_gifts_write.write(db, run_id=run_id, source=made.source, mixed=made.mixed)


def _decide(db: Session, actor: Actor, made: Source, options: Options, kind: str) -> None:
    if kind == "funds":
        may_change = actor.role in {Role.ADMIN, Role.FINANCE}
        queries_funds.plan(db, source=made.source, policy=made.policy, may_change=may_change)
    elif kind == "donors":
        queries_match.match(db, actor, source=made.source, answers=options.people)
        queries_donors.plan(db, actor, policy=_policy(made, options), owner_id=options.owner_id)
    elif kind == "pledges":
        queries_pledges.plan(
            db, actor, source=made.source, policy=_policy(made, options), mixed=made.mixed,
            currency=options.currency,
        )  # fmt: skip
    else:
        queries_gift_parts.settle(db, actor, source=made.source, mixed=made.mixed)
        queries_gifts.plan(
            db, actor, source=made.source, policy=_policy(made, options), mixed=made.mixed,
            currency=options.currency,
        )  # fmt: skip
        queries_gift_parts.compare(db)
        refunds = queries_refunds.refunds(db)
        if refunds:
            originals = queries_refunds.originals(db, source=made.source)
            found, lost = reversals.pair(refunds, originals)
            queries_refunds.settle_refunds(db, found, lost)


def _policy(made: Source, options: Options) -> Policy:
    return Policy(made.policy, options.policies)


def _part(db: Session, made: Source, part: Typed) -> Part:
    found = queries_stage.problems(db, part.kind, limit=MOST_PROBLEMS)
    return plans.part(
        part.kind,
        total=part.total,
        tallies=queries_stage.tallies(db, part.kind),
        refused=part.problems,
        skipped=part.skipped,
        found=[replace(each, field=_header(made, part.kind, each)) for each in found],
        kept=queries_own_policies.kept(db, part.kind),
    )


_COLUMN_OF = {
    "donor": ("donor_external_id", "email", "name"),
    "fund": ("fund_external_id", "fund"),
    "pledge": ("pledge_external_id",),
    "id": ("external_id",),
}


def _header(made: Source, kind: str, problem: Problem) -> str:
    """Name the file's own column for a problem found while matching."""
    fields = _COLUMN_OF.get(problem.field, (problem.field,))
    if kind == "donors" and made.mixed and problem.field == "id":
        fields = ("donor_external_id",)
    at = next((made.columns[name] for name in fields if name in made.columns), None)
    return problem.field if at is None else made.table.columns[at]
