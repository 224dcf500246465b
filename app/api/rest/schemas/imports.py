"""Bodies and answers of the routes for imports."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.api.rest.schemas.common import NO_NUL, Answer, Body, Currency, Line

Kind = Literal[
    "donors",
    "gifts",
    "pledges",
    "funds",
    "contacts",
    "tasks",
    "consents",
    "requests",
    "campaigns",
    "tags",
    "emails",
    "phones",
    "addresses",
    "households",
    "relations",
    "soft-credits",
    "pledge-pauses",
    "pledge-versions",
]
Column = Annotated[str, StringConstraints(max_length=600, pattern=NO_NUL)]


class PlanOptions(Body):
    """Options for reading a file; those that are left out are detected from the file."""

    file_name: Line = Field("file.csv", description="Name of the file.")
    kind: Kind | None = Field(None, description="Kind of data in the file.")
    column: list[Column] = Field(
        default=[],
        description="Column mapping as `Header=field`; repeated for each column of a file with an "
        "unknown format.",
        max_length=2000,
    )
    date_order: Literal["ymd", "mdy", "dmy"] | None = Field(None, description="Date format.")
    decimal: Literal["point", "comma"] | None = Field(None, description="Decimal separator.")
    encoding: Line | None = Field(
        None, description="Character encoding, for example `utf-8`, `cp1250` or `shift-jis`."
    )
    sheet: Line | None = Field(None, description="Name of the sheet of a workbook.")
    currency: Currency | None = Field(
        None, description="Currency of amounts that do not name theirs."
    )
    fund: Line | None = Field(None, description="Fund of rows that name none.")
    method: Line | None = Field(None, description="Method of payments that name none.")
    source: Line = Field(
        "file", description="System that the ids of a file with an unknown format come from."
    )
    owner: Line | None = Field(
        None, description="E-mail of the owner of new donors; administrators only."
    )
    repeats: bool = Field(default=False, description="Identical rows are separate gifts.")
    policy: list[Column] = Field(
        default=[],
        description="Update policy of a field that has a value: `notes=fill`, `=overwrite` or "
        "`=keep`; fields of gifts and pledges are `gift_note` or `pledge_day`.",
        max_length=100,
    )


class Commit(Body):
    """The plan to commit."""

    plan_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="`plan_hash` of the plan.", examples=["0" * 64]
    )


class RowProblem(Answer):
    """A row that will not be imported, or a note about one that will."""

    row: int
    field: str
    reason: str


class Plan(Answer):
    """The plan of an import; nothing is changed yet."""

    id: int = Field(description="ID of the import.")
    plan_hash: str = Field(description="Send it to commit exactly this plan.")
    title: str = Field(description="Detected format.")
    kind: str
    rows: int
    create: int = Field(description="Number of new records.")
    update: int = Field(description="Number of changed records.")
    skip: int = Field(description="Number of records that exist already.")
    conflict: int
    error: int
    sums: dict[str, str] = Field(
        description="Total amount per currency, to compare with your source."
    )
    problems: list[RowProblem] = Field(description="The first 200 rejected rows.")
    notes: list[RowProblem] = Field(
        description="The first 200 notes about imported rows: cells left empty, repaired or added."
    )
    kept: dict[str, int] = Field(
        description="Number of rows per column whose change `policy` prevents."
    )
    awaiting_rate: dict[str, int] = Field(
        description="Number of gifts per currency that are imported and count in sums once there "
        "is an exchange rate for their day."
    )
    assumed: list[str] = Field(description="What was taken for granted about the file.")
    unused: list[str] = Field(description="The headers of the columns that are not imported.")


class Import(Answer):
    """An import and its progress."""

    id: int
    file_name: str
    kind: str
    state: str = Field(examples=["done"])
    person: str
    created_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    progress: int = Field(description="Progress in percent.")
    doing: str | None
    error: str | None
    create: int
    update: int
    skip: int
    not_imported: int
    awaiting_rate: dict[str, int] = Field(
        description="Number of imported gifts per currency that had no exchange rate for their "
        "day when they were imported."
    )
    problems: list[RowProblem] = Field(
        description="The first 200 rejected rows, when one import is read."
    )


class ImportList(Answer):
    """A page of imports, the newest first."""

    items: list[Import]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


class Undone(Answer):
    """An import that was undone."""

    id: int
    kept: list[str] = Field(description="A sentence for each record that was not removed.")


class MappedColumn(Answer):
    """A column of the files that a saved mapping is for."""

    header: str
    field: str | None = Field(description="Field of the column; null leaves it out.")


class SavedMapping(Answer):
    """A saved column mapping, in its newest version."""

    id: int
    name: str
    kind: str
    version: int
    columns: list[MappedColumn]
    person: str | None = Field(description="Who made it; null if the account is gone.")
    own: bool = Field(description="Whether you made it.")
    shared: bool = Field(description="Whether everybody who imports may use it.")
    used_at: datetime = Field(description="When it was last used for an import.")


class SavedMappingList(Answer):
    """All saved mappings that you may use."""

    items: list[SavedMapping]
