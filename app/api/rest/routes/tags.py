"""API routes for tags: list, create, rename, merge, delete, and the tags of a donor."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app import donors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.routes.funds import Merge
from app.api.rest.schemas.common import Answer, Body, Id, InPath, Line, Made, Yes
from app.api.rest.schemas.donors import Version
from app.kit.errors import NotFoundError

router = APIRouter(tags=["donors"])


class Tag(Answer):
    """A tag."""

    id: int
    version: int
    name: str


class TagList(Answer):
    """All tags."""

    items: list[Tag]


class NewTag(Body):
    """A tag to create."""

    name: Line = Field(description="Name; no other tag has it.", examples=["newsletter"])


class ChangedTag(Body):
    """Another name of a tag."""

    version: Version
    name: Line = Field(description="Name; no other tag has it.", examples=["newsletter"])


class Deleted(Body):
    """The version of the tag to delete."""

    version: Annotated[int, Field(ge=1, description="The version that was read.")]


class Concerned(Answer):
    """The number of donors that had a tag."""

    donors: int


class TaggedDonors(Body):
    """The donors to give a tag, or to take it from."""

    donor_ids: list[Id] = Field(description="IDs of donors.", min_length=1, max_length=1_000)
    remove: Yes = Field(default=False, description="True takes the tag away.")


class Changed(Answer):
    """The donors that were changed; the others had the tag already, or not at all."""

    donor_ids: list[int]


class TagChange(Body):
    """Tags to give a donor, and tags to take away."""

    add: list[Id] = Field(default=[], description="Tags to give.", max_length=100)
    remove: list[Id] = Field(default=[], description="Tags to take away.", max_length=100)


class DonorTags(Answer):
    """The tags of a donor."""

    tags: list[str]


@router.get("/tags", summary="List tags", operation_id="list_tags")
def listed(actor: CurrentActor) -> TagList:
    """Return all tags, sorted by name."""
    tags = read_only(actor, donors.tag_names)
    return TagList(items=[Tag(id=tag.tag_id, version=tag.version, name=tag.name) for tag in tags])


@router.post("/tags", status_code=201, summary="Create a tag", operation_id="create_tag")
def create(actor: CurrentActor, body: NewTag, once: OnlyOnce) -> Made:
    """Create a tag. Administrators only."""
    with work(actor) as db:
        created = once(
            db, actor, body, Made, lambda: Made(id=donors.create_tag(db, actor, name=body.name))
        )
    once.set_location(f"tags/{created.id}")
    return created


@router.patch("/tags/{id}", summary="Rename a tag", operation_id="rename_tag")
def rename(actor: CurrentActor, id: InPath, body: ChangedTag) -> Tag:  # noqa: A002
    """Rename a tag. Administrators only."""
    with work(actor) as db:
        donors.rename_tag(db, actor, tag_id=id, version=body.version, name=body.name)
        tag = next((tag for tag in donors.tag_names(db) if tag.tag_id == id), None)
        if tag is None:
            msg = "This tag does not exist any more."
            raise NotFoundError(msg)
        return Tag(id=tag.tag_id, version=tag.version, name=tag.name)


@router.post("/tags/{id}/merge", summary="Merge a tag into another", operation_id="merge_tag")
def merge(actor: CurrentActor, id: InPath, body: Merge, once: OnlyOnce) -> Concerned:  # noqa: A002
    """Give every donor of a tag another one instead. Administrators only."""

    def make() -> Concerned:
        moved = donors.merge_tags(db, actor, tag_id=id, into_id=body.into_id, version=body.version)
        return Concerned(donors=moved)

    with work(actor) as db:
        return once(db, actor, body, Concerned, make)


@router.delete("/tags/{id}", summary="Delete a tag", operation_id="delete_tag")
def delete(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    query: Annotated[Deleted, Query()],
) -> Concerned:
    """Delete a tag; the donors that have it lose it. Administrators only."""
    with work(actor) as db:
        return Concerned(donors=donors.delete_tag(db, actor, tag_id=id, version=query.version))


@router.post("/tags/{id}/donors", summary="Change a tag of donors", operation_id="tag_donors")
def tag_donors(actor: CurrentActor, id: InPath, body: TaggedDonors) -> Changed:  # noqa: A002
    """Give a tag to donors or take it away; repeating the request has no effect.

    Donors that you may not change are passed over.
    """
    with work(actor) as db:
        changed = donors.tag_donors(
            db, actor, tag_id=id, donor_ids=body.donor_ids, remove=body.remove
        )
        return Changed(donor_ids=sorted(changed))


@router.post("/donors/{id}/tags", summary="Change a donor's tags", operation_id="change_tags")
def change(actor: CurrentActor, id: InPath, body: TagChange) -> DonorTags:  # noqa: A002
    """Give a donor tags and take others away; repeating the request has no effect."""
    with work(actor) as db:
        donors.change_tags(db, actor, donor_id=id, add=body.add, remove=body.remove)
        view = donors.get(db, actor, id, today=today(actor))
        return DonorTags(tags=list(view.tags))
