"""Build a plan from a mapped file: stage by COPY, match with set-based SQL, add up, hash."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.accounts import Actor, Role
from app.db import Session, purpose_lock
from app.imports.mapping.mapped_file import USER_MAPPING, MappedFile
from app.imports.mapping.sources import FILE, source_name
from app.imports.parsing.mixed_files import typed_parts
from app.imports.parsing.options import Options
from app.imports.parsing.records import TypedRows
from app.imports.planning import plan as plans
from app.imports.planning import refunds as refund_rules
from app.imports.planning.plan import MAX_PROBLEMS, Part, Plan
from app.imports.planning.update_policy import RECORDS, Policy
from app.imports.queries import funds as fund_queries
from app.imports.queries import known_ids as known_id_queries
from app.imports.queries import new_records
from app.imports.queries import pledges as pledge_queries
from app.imports.queries import staging as staging_queries
from app.imports.queries import update_policies as policy_queries
from app.imports.queries.donors import donors as donor_queries
from app.imports.queries.donors import matching as matching_queries
from app.imports.queries.donors import owner_changes as owner_queries
from app.imports.queries.donors import without_records
from app.imports.queries.gifts import plan as gift_plan_queries
from app.imports.queries.gifts import refunds as refund_queries
from app.imports.queries.gifts import splits as gift_split_queries
from app.imports.queries.gifts import write as gift_write_queries
from app.imports.queries.records import record_plan, record_write
from app.imports.queries.records.record_kinds import RECORD_KINDS
from app.imports.queries.related import related_plan, related_write
from app.imports.queries.related.kinds import RELATED_KINDS
from app.imports.values.assumptions import Assumption
from app.imports.values.problems import RowProblem
from app.kit.formatting import count


def make_plan(
    db: Session, actor: Actor, mapped: MappedFile, options: Options, *, file_sha256: str
) -> Plan:
    """Stage the file's rows and decide the action of each; stored data is not changed.

    Raises:
        UndecidedError: the user must choose the date order or the decimal mark.
    """
    staging_queries.prepare(db)
    purpose_lock.hold_purposes(db)
    if options.in_batch:
        staging_queries.drop_staged(db)
    parts = typed_parts(mapped, options)
    for part in parts:
        staging_queries.stage(db, part.kind, part.rows)
        if part.kind == "gifts":
            gift_split_queries.stage(db, part)
        _plan_rows(db, actor, mapped, options, part.kind)
    if mapped.mixed and mapped.only is None:
        without_records.refuse_without_records(db, mapped.kind)
    planned = [_count_rows(db, mapped, part, in_batch=options.in_batch) for part in parts]
    plan = Plan(
        mapped.preset,
        mapped.kind,
        tuple(planned),
        mapped.table.left_out,
        _answers(mapped, options, parts[-1]),
        assumed=(*_assumed(mapped, parts), *_known_ids(db, actor, mapped, parts)),
        unused=mapped.unused,
    )
    return plans.with_hash(plan, file_sha256=file_sha256)


def _answers(mapped: MappedFile, options: Options, main: TypedRows) -> dict[str, Any]:
    """Return the choices, of the user or detected, that the plan depends on."""
    return {
        "date_order": main.date_order,
        "decimal": main.decimal,
        "owner_id": options.owner_id,
        "repeats": options.repeats,
        "source": mapped.source,
        "columns": dict(sorted(mapped.columns.items())),
        "words": mapped.words,
        "people": dict(options.people),
        "policies": dict(options.policies),
        "defaults": (options.file_currency, options.fund, options.method),
    }


def _assumed(mapped: MappedFile, parts: Sequence[TypedRows]) -> tuple[str, ...]:
    """Return a sentence for each thing taken for granted about the file, each once."""
    assumptions = [*mapped.assumed, *(each for part in parts for each in part.assumed)]
    sentences = [note.sentence for note in mapped.table.notes]
    return tuple(dict.fromkeys(sentences + [each.sentence for each in assumptions]))


def _known_ids(
    db: Session, actor: Actor, mapped: MappedFile, parts: Sequence[TypedRows]
) -> tuple[str, ...]:
    """Return a sentence on how many ids of the source that the user named are known."""
    if mapped.preset != USER_MAPPING or mapped.source == FILE:
        return ()
    kinds = [part.kind for part in parts]
    known_ids = known_id_queries.count_known(db, actor, kinds, source=mapped.source)
    if known_ids is None:
        return ()
    noun, ids, known = known_ids
    parameters = {
        "source": source_name(mapped.source),
        "known": f"{known:,}" if known else "none",
        "ids": count(ids, noun),
        "verb": "is" if known <= 1 else "are",
    }
    return (Assumption("ids_of_source", parameters).sentence,)


def write(db: Session, plan: Plan, mapped: MappedFile, options: Options, *, run_id: int) -> None:
    """Write the staged plan to the database, in the transaction that staged it."""
    for part in plan.parts:
        if part.kind == "funds":
            fund_queries.write(db, run_id=run_id, source=mapped.source)
        elif part.kind in RECORD_KINDS:
            record_write.write(db, kind=part.kind, run_id=run_id, source=mapped.source)
        elif part.kind in RELATED_KINDS:
            related_write.write(db, kind=part.kind, run_id=run_id, source=mapped.source)
        elif part.kind == "donors":
            donor_queries.write(
                db, run_id=run_id, source=mapped.source, policy=_policy(mapped, options)
            )
            owner_queries.reassign_tasks(db, run_id=run_id)
        elif part.kind == "pledges":
            pledge_queries.write(
                db, run_id=run_id, source=mapped.source, today=options.today, mixed=mapped.mixed
            )
        else:
            gift_write_queries.write(db, run_id=run_id, source=mapped.source, mixed=mapped.mixed)


def _plan_rows(db: Session, actor: Actor, mapped: MappedFile, options: Options, kind: str) -> None:
    if kind == "funds":
        may_change = actor.role in {Role.ADMIN, Role.FINANCE}
        fund_queries.plan(db, source=mapped.source, policy=mapped.policy, may_change=may_change)
    elif kind in RECORD_KINDS:
        record_plan.plan(db, actor, kind=kind, source=mapped.source)
    elif kind in RELATED_KINDS:
        policy = _policy(mapped, options).of(RECORDS)
        related_plan.plan(db, actor, kind=kind, source=mapped.source, policy=policy)
    elif kind == "donors":
        people = new_records.with_ids(db, options.people) if options.in_batch else options.people
        matching_queries.match(db, actor, source=mapped.source, answers=people)
        donor_queries.plan(db, actor, policy=_policy(mapped, options), owner_id=options.owner_id)
    elif kind == "pledges":
        pledge_queries.plan(
            db,
            actor,
            source=mapped.source,
            policy=_policy(mapped, options),
            mixed=mapped.mixed,
        )
    else:
        refund_queries.adopt_donors(db, source=mapped.source)
        gift_split_queries.match_credits(db, actor, source=mapped.source, mixed=mapped.mixed)
        gift_plan_queries.plan(
            db,
            actor,
            source=mapped.source,
            policy=_policy(mapped, options),
            mixed=mapped.mixed,
            currency=options.currency,
        )
        gift_split_queries.mark_conflicts(db)
        refunds = refund_queries.refunds(db)
        if refunds:
            originals = refund_queries.originals(db, source=mapped.source)
            matches, unmatched = refund_rules.pair(refunds, originals)
            refund_queries.store_matches(db, matches, unmatched, source=mapped.source)


def _policy(mapped: MappedFile, options: Options) -> Policy:
    return Policy(mapped.policy, options.policies)


def _count_rows(db: Session, mapped: MappedFile, part: TypedRows, *, in_batch: bool) -> Part:
    problems = staging_queries.problems(db, part.kind, limit=MAX_PROBLEMS)
    problems += staging_queries.notes(db, part.kind, limit=MAX_PROBLEMS)
    return plans.count_rows(
        part.kind,
        total=part.total,
        tallies=staging_queries.tallies(db, part.kind, in_batch=in_batch),
        refused=part.problems,
        skipped=part.skipped,
        conflicts=[
            replace(problem, field=_header(mapped, part.kind, problem)) for problem in problems
        ],
        kept=policy_queries.count_kept(db, part.kind),
        awaiting_rate=staging_queries.awaiting_rate(db, part.kind),
    )


_COLUMN_OF = {
    "donor": ("donor_external_id", "email", "name"),
    "fund": ("fund_external_id", "fund"),
    "code": ("gl_code",),
    "pledge": ("pledge_external_id",),
    "id": ("external_id",),
}


def _header(mapped: MappedFile, kind: str, problem: RowProblem) -> str:
    """Return the file's own column header for a problem found while matching."""
    fields = _COLUMN_OF.get(problem.field, (problem.field,))
    if kind == "donors" and mapped.mixed and problem.field == "id":
        fields = ("donor_external_id",)
    number = next((mapped.columns[name] for name in fields if name in mapped.columns), None)
    return problem.field if number is None else mapped.table.columns[number]
