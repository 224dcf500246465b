"""Build a plan from a mapped file: stage by COPY, match with set-based SQL, add up, hash."""

from dataclasses import replace

from app.accounts import Actor, Role
from app.db import Session
from app.imports.mapping.mapped_file import MappedFile
from app.imports.parsing.mixed_files import typed_parts
from app.imports.parsing.options import Options
from app.imports.parsing.records import TypedRows
from app.imports.planning import plan as plans
from app.imports.planning import refunds as refund_rules
from app.imports.planning.plan import MOST_PROBLEMS, Part, Plan
from app.imports.planning.update_policy import Policy
from app.imports.queries import donor_matching as matching_queries
from app.imports.queries import donors as donor_queries
from app.imports.queries import funds as fund_queries
from app.imports.queries import gift_splits as gift_split_queries
from app.imports.queries import gifts_plan as gift_plan_queries
from app.imports.queries import gifts_write as gift_write_queries
from app.imports.queries import owner_changes as owner_queries
from app.imports.queries import pledges as pledge_queries
from app.imports.queries import refunds as refund_queries
from app.imports.queries import staging as staging_queries
from app.imports.queries import update_policies as policy_queries
from app.imports.values.problems import RowProblem


def make_plan(
    db: Session, actor: Actor, made: MappedFile, options: Options, *, file_sha256: str
) -> Plan:
    """Stage the file's rows and decide the action of each; stored data is not changed.

    Raises:
        UndecidedError: the user must choose the date order or the decimal mark.
    """
    staging_queries.prepare(db)
    parts = typed_parts(made, options)
    planned = []
    for part in parts:
        staging_queries.stage(db, part.kind, part.rows)
        if part.kind == "gifts":
            gift_split_queries.stage(db, part)
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


def write(db: Session, plan: Plan, made: MappedFile, options: Options, *, run_id: int) -> None:
    """Write the staged plan to the database, in the transaction that staged it."""
    for part in plan.parts:
        if part.kind == "funds":
            fund_queries.write(db, run_id=run_id, source=made.source)
        elif part.kind == "donors":
            donor_queries.write(
                db, run_id=run_id, source=made.source, policy=_policy(made, options)
            )
            owner_queries.give_tasks(db, run_id=run_id)
        elif part.kind == "pledges":
            pledge_queries.write(
                db, run_id=run_id, source=made.source, today=options.today, mixed=made.mixed
            )
        else:
            gift_write_queries.write(db, run_id=run_id, source=made.source, mixed=made.mixed)


def _decide(db: Session, actor: Actor, made: MappedFile, options: Options, kind: str) -> None:
    if kind == "funds":
        may_change = actor.role in {Role.ADMIN, Role.FINANCE}
        fund_queries.plan(db, source=made.source, policy=made.policy, may_change=may_change)
    elif kind == "donors":
        matching_queries.match(db, actor, source=made.source, answers=options.people)
        donor_queries.plan(db, actor, policy=_policy(made, options), owner_id=options.owner_id)
    elif kind == "pledges":
        pledge_queries.plan(
            db,
            actor,
            source=made.source,
            policy=_policy(made, options),
            mixed=made.mixed,
            currency=options.currency,
        )
    else:
        gift_split_queries.settle(db, actor, source=made.source, mixed=made.mixed)
        gift_plan_queries.plan(
            db,
            actor,
            source=made.source,
            policy=_policy(made, options),
            mixed=made.mixed,
            currency=options.currency,
        )
        gift_split_queries.compare(db)
        refunds = refund_queries.refunds(db)
        if refunds:
            originals = refund_queries.originals(db, source=made.source)
            found, lost = refund_rules.pair(refunds, originals)
            refund_queries.settle_refunds(db, found, lost)


def _policy(made: MappedFile, options: Options) -> Policy:
    return Policy(made.policy, options.policies)


def _part(db: Session, made: MappedFile, part: TypedRows) -> Part:
    found = staging_queries.problems(db, part.kind, limit=MOST_PROBLEMS)
    return plans.part(
        part.kind,
        total=part.total,
        tallies=staging_queries.tallies(db, part.kind),
        refused=part.problems,
        skipped=part.skipped,
        found=[replace(each, field=_header(made, part.kind, each)) for each in found],
        kept=policy_queries.kept(db, part.kind),
    )


_COLUMN_OF = {
    "donor": ("donor_external_id", "email", "name"),
    "fund": ("fund_external_id", "fund"),
    "pledge": ("pledge_external_id",),
    "id": ("external_id",),
}


def _header(made: MappedFile, kind: str, problem: RowProblem) -> str:
    """Return the file's own column header for a problem found while matching."""
    fields = _COLUMN_OF.get(problem.field, (problem.field,))
    if kind == "donors" and made.mixed and problem.field == "id":
        fields = ("donor_external_id",)
    at = next((made.columns[name] for name in fields if name in made.columns), None)
    return problem.field if at is None else made.table.columns[at]
