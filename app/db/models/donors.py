"""Donors and their addresses, ids in other systems, tags, consent and access log."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, BigKey, Dated, Versioned, one_of

CHANNELS = ("email", "phone", "mail", "text")
RELATIONS = ("employer", "spouse", "parent", "referrer")
PURPOSES = ("everything", "news", "appeals", "thanks")
FIELD_TYPES = ("text", "number", "date", "choice", "yes-no")
STATUSES = ("prospect", "asked", "donor", "lapsed", "declined")
CONTACT_TYPES = ("home", "work", "mobile", "other")
ADDRESS_TYPES = ("home", "work", "seasonal", "other")
SHARED_WITH = ("nobody", "team", "organisation")
MONTH_DAY = "~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'"


class Donor(Versioned, Base):
    """A person, household or organisation that gives, or may give in future."""

    __tablename__ = "donor"
    __table_args__ = (
        CheckConstraint(one_of("kind", "person", "household", "organisation"), name="kind"),
        CheckConstraint(one_of("status", *STATUSES), name="status"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("household_id <> id", name="household"),
        CheckConstraint("not household_head or household_id is not null", name="household_head"),
        CheckConstraint("household_id is null or kind = 'person'", name="household_member"),
        Index(
            "uq_donor_household_head",
            "household_id",
            unique=True,
            postgresql_where="household_head",
        ),
        CheckConstraint(one_of("preferred_channel", *CHANNELS), name="preferred_channel"),
        Index("ix_donor_owner_id", "owner_id"),
        Index("ix_donor_deceased", "id", postgresql_where=text("deceased")),
        Index("ix_donor_name", func.lower(text("name")), "id"),
        # for an import: see the function in the migration
        Index("ix_donor_name_parts", text("name_parts(name)"), postgresql_using="gin"),
        Index(
            "ix_donor_household_id", "household_id", postgresql_where="household_id is not null"
        ),
        Index(
            "ix_donor_import_run_id", "import_run_id", postgresql_where="import_run_id is not null"
        ),
    )
    id: Mapped[BigKey]
    kind: Mapped[str] = mapped_column(server_default="person", default="person")
    name: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    spouse_first_name: Mapped[str | None]
    spouse_last_name: Mapped[str | None]
    # entered by a user; if empty, built by the rule in kit.names
    salutation: Mapped[str | None]
    envelope_name: Mapped[str | None]
    household_id: Mapped[int | None] = mapped_column(ForeignKey("donor.id", ondelete="SET NULL"))
    # the member named first in the name and in letters
    household_head: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    status: Mapped[str] = mapped_column(server_default="prospect", default="prospect")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="RESTRICT"))
    no_email: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    no_phone: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    no_mail: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    deceased: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    # of information only: what follows from a death follows from `deceased`
    deceased_on: Mapped[date | None]
    # a language as Babel names it: "de", "pt_BR"
    preferred_language: Mapped[str | None]
    preferred_channel: Mapped[str | None]
    # only the owner, finance and administrators see the name
    anonymous: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    notes: Mapped[str | None]
    custom: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'::jsonb"), default=dict
    )
    last_contacted_on: Mapped[date | None]
    # erased on request of the donor: the gifts stay, the personal data is deleted
    erased_at: Mapped[datetime | None]
    import_run_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_run.id", ondelete="SET NULL")
    )


class DonorRelation(Dated, Base):
    """A relation between two donors: `other_id` is the employer, spouse … of `donor_id`."""

    __tablename__ = "donor_relation"
    __table_args__ = (
        CheckConstraint(one_of("type", *RELATIONS), name="type"),
        CheckConstraint("donor_id <> other_id", name="other"),
        Index("uq_donor_relation", "donor_id", "other_id", "type", unique=True),
        Index("ix_donor_relation_other_id", "other_id"),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    type: Mapped[str]
    import_run_id: Mapped[int | None]


class DonorEmail(Base):
    """One of a donor's e-mail addresses; one is primary, all are used for search and matching."""

    __tablename__ = "donor_email"
    __table_args__ = (
        CheckConstraint(one_of("type", *CONTACT_TYPES), name="type"),
        Index("ix_donor_email_donor_id", "donor_id"),
        Index("ix_donor_email_email", func.lower(text("email"))),
        Index("uq_donor_email_primary", "donor_id", unique=True, postgresql_where="is_primary"),
        Index("uq_donor_email_donor", "donor_id", func.lower(text("email")), unique=True),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    email: Mapped[str]
    type: Mapped[str] = mapped_column(server_default="other", default="other")
    do_not_use: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_primary: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    import_run_id: Mapped[int | None]


class DonorPhone(Base):
    """One of a donor's phone numbers, as entered."""

    __tablename__ = "donor_phone"
    __table_args__ = (
        CheckConstraint(one_of("type", *CONTACT_TYPES), name="type"),
        Index("ix_donor_phone_donor_id", "donor_id"),
        Index("uq_donor_phone_primary", "donor_id", unique=True, postgresql_where="is_primary"),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    phone: Mapped[str]
    type: Mapped[str] = mapped_column(server_default="other", default="other")
    do_not_use: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_primary: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    import_run_id: Mapped[int | None]


class DonorAddress(Base):
    """One of a donor's postal addresses."""

    __tablename__ = "donor_address"
    __table_args__ = (
        CheckConstraint(one_of("type", *ADDRESS_TYPES), name="type"),
        CheckConstraint(
            "(type = 'seasonal') = (season_from is not null)"
            " and (season_from is null) = (season_to is null)",
            name="season",
        ),
        CheckConstraint(f"season_from {MONTH_DAY} and season_to {MONTH_DAY}", name="season_days"),
        CheckConstraint("valid_from <= valid_to", name="valid"),
        Index("ix_donor_address_donor_id", "donor_id"),
        Index("uq_donor_address_primary", "donor_id", unique=True, postgresql_where="is_primary"),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    street: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    type: Mapped[str] = mapped_column(server_default="other", default="other")
    # first and last day of the season, every year, as month and day: "11-01"
    season_from: Mapped[str | None]
    season_to: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    do_not_use: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_primary: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    import_run_id: Mapped[int | None]


class DonorExternalId(Base):
    """The donor's id in another system; unique within that system."""

    __tablename__ = "donor_external_id"
    __table_args__ = (Index("ix_donor_external_id_donor_id", "donor_id"),)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    import_run_id: Mapped[int | None]


class Tag(Versioned, Base):
    """A label for donors."""

    __tablename__ = "tag"
    __table_args__ = (Index("uq_tag_name", func.lower(text("name")), unique=True),)
    id: Mapped[BigKey]
    name: Mapped[str]
    # the tag that has taken over the donors of this one; such a row only resolves its name
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))


class CustomField(Versioned, Base):
    """A field of donors that the organisation has defined; values are in `donor.custom`."""

    __tablename__ = "custom_field"
    __table_args__ = (
        CheckConstraint(one_of("type", *FIELD_TYPES), name="type"),
        CheckConstraint(one_of("status", "active", "closed"), name="status"),
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint("(type = 'choice') = (choices <> '{}')", name="choices"),
        Index("uq_custom_field_name", func.lower(text("name")), unique=True),
    )
    id: Mapped[BigKey]
    name: Mapped[str]
    type: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=text("'{}'::text[]"), default=list
    )
    # the order in which forms and lists show the fields
    position: Mapped[int] = mapped_column(server_default="0", default=0)
    status: Mapped[str] = mapped_column(server_default="active", default="active")


class DonorTag(Base):
    """A tag on a donor."""

    __tablename__ = "donor_tag"
    __table_args__ = (Index("ix_donor_tag_tag_id", "tag_id"),)
    donor_id: Mapped[int] = mapped_column(
        ForeignKey("donor.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True)
    import_run_id: Mapped[int | None]


class DonorSegment(Versioned, Base):
    """A saved segment: a name for conditions of the donor list, own or shared with others.

    Without a user it belongs to nobody; administrators change it.
    """

    __tablename__ = "donor_segment"
    __table_args__ = (
        CheckConstraint("btrim(name) <> ''", name="name"),
        CheckConstraint(one_of("shared_with", *SHARED_WITH), name="shared_with"),
        Index("ix_donor_segment_user_id", "user_id"),
    )
    id: Mapped[BigKey]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    name: Mapped[str]
    # groups of conditions as JSON text, as an address has them
    rule: Mapped[str]
    shared_with: Mapped[str] = mapped_column(server_default="nobody", default="nobody")


class DonorConsent(Base):
    """A donor's consent or refusal, per channel and purpose, with its source."""

    __tablename__ = "donor_consent"
    __table_args__ = (
        CheckConstraint(one_of("channel", *CHANNELS), name="channel"),
        CheckConstraint(one_of("purpose", *PURPOSES), name="purpose"),
        Index("ix_donor_consent_donor_id", "donor_id"),
        Index("uq_donor_consent_external_id", "import_source", "external_id", unique=True),
    )
    id: Mapped[BigKey]
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    channel: Mapped[str]
    purpose: Mapped[str]
    granted: Mapped[bool]
    source: Mapped[str]
    given_on: Mapped[date]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    # the system and its id of an imported consent; `source` is where the donor gave it
    import_source: Mapped[str | None]
    external_id: Mapped[str | None]
    import_run_id: Mapped[int | None]


class DonorAccess(Base):
    """Access log: who viewed a donor's data, when and how."""

    __tablename__ = "donor_access"
    __table_args__ = (
        CheckConstraint(one_of("how", "page", "export", "api"), name="how"),
        Index("ix_donor_access_donor_id_at", "donor_id", text("at desc")),
        Index("ix_donor_access_at", "at"),
        Index("ix_donor_access_user_id", "user_id"),
    )
    id: Mapped[BigKey]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="CASCADE"))
    how: Mapped[str]
