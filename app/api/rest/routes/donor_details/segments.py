"""API routes for saved segments of donors, and the fields of their conditions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import donors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Conditions, InPath, Line, Made
from app.api.rest.schemas.donors import Version
from app.db import Session

router = APIRouter(tags=["donors"])

Sharing = Literal["nobody", "team", "organisation"]


class Segment(Answer):
    """A saved segment that you may use."""

    id: int
    version: int
    name: str
    where: str = Field(description="Its conditions, as `where` of the list of donors takes them.")
    sentence: str = Field(description="The conditions in words.")
    shared_with: Sharing
    owner: str = Field(description="The name of its owner.")
    problem: str | None = Field(
        description="Why it finds nobody: it asks for a tag that was deleted, for example."
    )


class SegmentList(Answer):
    """The segments that you may use, by name."""

    items: list[Segment]


class ConditionField(Answer):
    """A field that conditions can ask for."""

    key: str
    label: str
    kind: str
    operators: list[str]
    choices: dict[str, str] = Field(description="Of a choice, the label of each value.")


class ConditionFieldList(Answer):
    """The fields that you may choose donors by."""

    items: list[ConditionField]


class SegmentBody(Body):
    """A segment to save."""

    name: Line = Field(description="Name; you have no other segment of this name.")
    where: Conditions
    shared_with: Sharing = Field("nobody", description="Who else may use it.")


class ChangedSegment(SegmentBody):
    """The new name, conditions and sharing of a segment."""

    version: Version


class Deleted(Body):
    """The version of the segment to delete."""

    version: Annotated[int, Field(ge=1, description="The version that was read.")]


@router.get("/segments", summary="List segments", operation_id="list_segments")
def list_segments(actor: CurrentActor) -> SegmentList:
    """Return the segments that you may use: your own, your team's and the organisation's."""

    def find(db: Session) -> list[Segment]:
        return [_segment(line) for line in donors.segments(db, actor, today=today(actor))]

    return SegmentList(items=read_only(actor, find))


def _segment(line: donors.SegmentLine) -> Segment:
    return Segment(
        id=line.segment_id,
        version=line.version,
        name=line.name,
        where=line.where,
        sentence=line.sentence,
        shared_with=line.shared_with,  # type: ignore[arg-type]
        owner=line.owner_name,
        problem=line.problem,
    )


@router.get(
    "/segments/fields", summary="List fields of conditions", operation_id="list_condition_fields"
)
def list_fields(actor: CurrentActor) -> ConditionFieldList:
    """Return the fields that conditions can ask for, with their comparisons and choices."""

    def find(db: Session) -> list[ConditionField]:
        return [
            ConditionField(
                key=field.key,
                label=field.label,
                kind=field.kind,
                operators=list(donors.OPERATORS[field.kind]),
                choices=dict(field.choices),
            )
            for field in donors.condition_fields(db, actor)
        ]

    return ConditionFieldList(items=read_only(actor, find))


@router.post("/segments", status_code=201, summary="Save a segment", operation_id="save_segment")
def save(actor: CurrentActor, body: SegmentBody, once: OnlyOnce) -> Made:
    """Save conditions under a name; you become the owner."""
    with work(actor) as db:
        created = once(
            db,
            actor,
            body,
            Made,
            lambda: Made(
                id=donors.save_segment(
                    db,
                    actor,
                    name=body.name,
                    where=body.where,
                    shared_with=body.shared_with,
                )
            ),
        )
    once.set_location(f"segments/{created.id}")
    return created


@router.put("/segments/{id}", summary="Change a segment", operation_id="change_segment")
def change(actor: CurrentActor, id: InPath, body: ChangedSegment) -> SegmentList:  # noqa: A002
    """Change a segment and return all of them. Its owner and administrators may."""
    with work(actor) as db:
        donors.change_segment(
            db,
            actor,
            segment_id=id,
            version=body.version,
            name=body.name,
            where=body.where,
            shared_with=body.shared_with,
        )
        lines = donors.segments(db, actor, today=today(actor))
        return SegmentList(items=[_segment(line) for line in lines])


@router.delete(
    "/segments/{id}", status_code=204, summary="Delete a segment", operation_id="delete_segment"
)
def delete(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    query: Annotated[Deleted, Query()],
) -> None:
    """Delete a segment. Its owner and administrators may."""
    with work(actor) as db:
        donors.delete_segment(db, actor, segment_id=id, version=query.version)
