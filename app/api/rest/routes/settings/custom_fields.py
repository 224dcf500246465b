"""API routes for custom fields: list, create, change, close, reorder."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app import donors
from app.api.rest.dependencies import CurrentActor, read_only, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Id, InPath, Line, Made, Yes
from app.api.rest.schemas.donors import Version
from app.db import Session
from app.kit.errors import NotFoundError

router = APIRouter(prefix="/custom-fields", tags=["donors"])

FieldType = Literal["text", "number", "date", "choice", "yes-no"]


class CustomField(Answer):
    """A field of donors that the organisation has defined."""

    id: int
    version: int = Field(description="Send it with a change.")
    name: str
    type: str = Field(description="text, number, date, choice or yes-no.", examples=["date"])
    choices: list[str] = Field(description="The values of a field of type choice.")
    open: bool = Field(description="False: no longer asked for in the form of a donor.")


class CustomFieldList(Answer):
    """All custom fields."""

    items: list[CustomField]


class NewCustomField(Body):
    """A custom field to create."""

    name: Line = Field(description="Name; no other field has it.", examples=["Birthday"])
    type: FieldType = Field(description="What its values are.", examples=["date"])
    choices: list[Line] = Field(
        default=[], description="The values of a field of type choice.", max_length=100
    )


class ChangedCustomField(Body):
    """Changes of a custom field; fields that are left out stay unchanged."""

    version: Version
    name: Line | None = Field(
        None, description="Name; renames the field of each donor. Null: unchanged."
    )
    type: FieldType | None = Field(
        None, description="Type, which every existing value has to fit. Null: unchanged."
    )
    choices: list[Line] | None = Field(
        None, description="Choices, which every existing value has to fit.", max_length=100
    )
    open: Yes | None = Field(
        None, description="False closes the field, true reopens it; null: unchanged."
    )


class FieldOrder(Body):
    """The order of all custom fields."""

    ids: list[Id] = Field(description="The id of every field, each once.", max_length=100)


@router.get("", summary="List custom fields", operation_id="list_custom_fields")
def listed(actor: CurrentActor) -> CustomFieldList:
    """Return all custom fields in the order of forms, closed ones included."""
    return read_only(actor, _all)


@router.post(
    "", status_code=201, summary="Create a custom field", operation_id="create_custom_field"
)
def create(actor: CurrentActor, body: NewCustomField, once: OnlyOnce) -> Made:
    """Define a field; donors' free fields of this name become its values. Administrators only."""

    def make() -> Made:
        field_id = donors.create_custom_field(
            db, actor, name=body.name, field_type=body.type, choices=body.choices
        )
        return Made(id=field_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, make)
    once.set_location(f"custom-fields/{created.id}")
    return created


@router.patch("/{id}", summary="Change a custom field", operation_id="change_custom_field")
def change(actor: CurrentActor, id: InPath, body: ChangedCustomField) -> CustomField:  # noqa: A002
    """Change, close or reopen a field. Administrators only."""
    with work(actor) as db:
        old = _field(db, id)
        donors.change_custom_field(
            db,
            actor,
            field_id=id,
            version=body.version,
            name=old.name if body.name is None else body.name,
            field_type=old.type if body.type is None else body.type,
            choices=old.choices if body.choices is None else body.choices,
            is_open=old.open if body.open is None else body.open,
        )
        return _to_field(_field(db, id))


@router.put("/order", summary="Reorder the custom fields", operation_id="reorder_custom_fields")
def reorder(actor: CurrentActor, body: FieldOrder) -> CustomFieldList:
    """Give the fields the order in which forms and lists show them. Administrators only."""
    with work(actor) as db:
        donors.reorder_custom_fields(db, actor, field_ids=body.ids)
        return _all(db)


def _all(db: Session) -> CustomFieldList:
    return CustomFieldList(items=[_to_field(field) for field in donors.custom_fields(db)])


def _field(db: Session, field_id: int) -> donors.CustomField:
    field = next((each for each in donors.custom_fields(db) if each.field_id == field_id), None)
    if field is None:
        msg = "This field does not exist any more."
        raise NotFoundError(msg)
    return field


def _to_field(field: donors.CustomField) -> CustomField:
    return CustomField(
        id=field.field_id,
        version=field.version,
        name=field.name,
        type=field.type,
        choices=list(field.choices),
        open=field.open,
    )
