"""Read access to donors; nothing here writes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.accounts import Actor, organisation
from app.db import Session
from app.db.models import DonorRhythm
from app.donors import masking
from app.donors.anonymity import masked_view
from app.donors.conditions.resolve import resolve
from app.donors.contacts.details import Address, ContactDetails
from app.donors.queries import contact_details as contact_queries
from app.donors.queries import detail as detail_queries
from app.donors.queries import listing
from app.donors.queries import search as queries
from app.donors.queries.conditions.checked import CheckedConditions
from app.donors.queries.rows import AtRiskRow, DonorHead, DonorListRow
from app.donors.results import (
    BY_AMOUNT,
    PLEDGE_PAID,
    SORTS,
    Cursor,
    DonorFields,
    DonorFilter,
    DonorLine,
    DonorMonth,
    DonorPage,
    DonorView,
    Rhythm,
)
from app.donors.search import FEWEST_LETTERS
from app.kit import custom_fields, formatting, names, text
from app.kit.dates import days
from app.kit.errors import InvalidError, NotFoundError
from app.kit.money import Money

NOT_FOUND = "There is no such donor, or it is not yours to see."
PAGE_SIZE = 50
FEWEST_FOR_RHYTHM = 2


def page(
    db: Session,
    actor: Actor,
    *,
    filter: DonorFilter,  # noqa: A002
    sort: str = "name",
    today: date,
    page_size: int = PAGE_SIZE,
    after: Cursor | None = None,
) -> DonorPage:
    """Return one page of donors, sorted over the whole set, with the count of the filter.

    Raises:
        InvalidError: the sort key is not one of SORTS, or needs amounts the actor may not see.
        NotFoundError, InvalidError: those of `conditions.resolve`.
    """
    if sort not in SORTS or (sort in BY_AMOUNT and not actor.sees_amounts):
        msg = f"Donors cannot be sorted by {sort}."
        raise InvalidError(msg)
    text.search(filter.query)
    facts, conditions = organisation(db), resolve(db, actor, filter, today=today)
    total, similar = _count(db, actor, filter, conditions)
    rows = listing.page(
        db,
        actor,
        filter,
        sort=sort,
        after=after,
        limit=page_size + 1,
        similar=similar,
        conditions=conditions,
        fiscal_year=days.fiscal_year(today, facts.fiscal_start_month),
    )
    last = rows[page_size - 1] if len(rows) > page_size else None
    return DonorPage(
        [_line(row, facts.currency, actor) for row in rows[:page_size]],
        total,
        Cursor(last.sort_value, last.id) if last else None,
        similar=similar and total > 0,
    )


def cursor_at(
    db: Session,
    actor: Actor,
    *,
    filter: DonorFilter,  # noqa: A002
    sort: str = "name",
    today: date,
    skip: int = PAGE_SIZE,
) -> Cursor | None:
    """Return the cursor after the first `skip` donors of `page`, None without so many."""
    return page(db, actor, filter=filter, sort=sort, today=today, page_size=skip).next


def _count(
    db: Session, actor: Actor, donor_filter: DonorFilter, conditions: CheckedConditions | None
) -> tuple[int, bool]:
    """Return the count of a filter, and whether it counts similar names for want of a match."""
    total = queries.count(db, actor, donor_filter, similar=False, conditions=conditions)
    similar = total == 0 and len(donor_filter.query.strip()) > FEWEST_LETTERS
    if similar:
        queries.lower_similarity_threshold(db)
        total = queries.count(db, actor, donor_filter, similar=True, conditions=conditions)
    return total, similar


def _line(row: DonorListRow, currency: str, actor: Actor) -> DonorLine:
    return DonorLine(
        donor_id=row.id,
        name=row.name,
        kind=row.kind,
        status=row.status,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        giving=_giving(row),
        rhythm_days=row.rhythm_days,
        gifts=row.gifts,
        last_gift_date=row.last_gift_date,
        this_year=masking.amount(actor, row.year_minor, currency),
        lifetime=masking.amount(actor, row.total_minor, currency),
        last_contacted_on=row.last_contacted_on,
        anonymous=row.anonymous,
    )


def _giving(row: DonorListRow) -> str:
    if row.pledge_late:
        return "pledge late"
    return row.giving or ("not scored yet" if row.gifts else "never gave")


def get(db: Session, actor: Actor, donor_id: int, *, today: date) -> DonorView:
    """Return everything the header of a donor's page shows.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    facts = organisation(db)
    year = days.fiscal_year(today, facts.fiscal_start_month)
    row = detail_queries.head(db, actor, donor_id, fiscal_year=year)
    if row is None:
        raise NotFoundError(NOT_FOUND)
    donor, currency = row.Donor, facts.currency
    contact = contact_queries.details(db, donor_id)
    view = DonorView(
        donor_id=donor_id,
        version=donor.version,
        fields=_fields(actor, row, contact),
        owner_name=row.owner_name,
        household_id=donor.household_id,
        salutation=donor.salutation
        or names.salutation(donor.kind, donor.name, donor.first_name, donor.spouse_first_name),
        emails=tuple(detail.email for detail in contact.emails),
        phones=tuple(detail.phone for detail in contact.phones),
        addresses=tuple(detail.address for detail in contact.addresses),
        contact=contact,
        external_ids=tuple(detail_queries.external_ids(db, donor_id)),
        tags=tuple(detail_queries.tags(db, donor_id)),
        gifts=row.gifts,
        lifetime=masking.amount(actor, row.total_minor, currency),
        this_year=masking.amount(actor, row.this_minor, currency),
        last_year=masking.amount(actor, row.last_minor, currency),
        largest=masking.amount_or_none(actor, row.largest_minor, currency),
        first_gift_date=row.first_gift_date,
        last_gift_date=row.last_gift_date,
        last_contacted_on=donor.last_contacted_on,
        rhythm=_rhythm(db, donor_id, actor, today=today, newest=row.last_gift_date),
        editable=row.editable,
        giftable=row.giftable,
    )
    return masked_view(actor, view)


def _fields(actor: Actor, row: DonorHead, contact: ContactDetails) -> DonorFields:
    donor = row.Donor
    same = {name: getattr(donor, name) for name in DonorFields.__slots__ if hasattr(donor, name)}
    same["notes"] = _notes_text(actor, row, donor.notes)
    return DonorFields(
        **same,
        more=_notes_text(actor, row, custom_fields.as_lines(donor.custom)),
        email=contact.emails[0].email if contact.emails else None,
        phone=contact.phones[0].phone if contact.phones else None,
        address=contact.addresses[0].address if contact.addresses else Address(),
    )


def _notes_text(actor: Actor, row: DonorHead, value: str | None) -> str | None:
    # users who may edit see the unmasked text, because they save what they read
    return value if row.editable else masking.free_text(actor, value)


def _rhythm(
    db: Session, donor_id: int, actor: Actor, *, today: date, newest: date | None
) -> Rhythm | None:
    scored = detail_queries.rhythm(db, donor_id, today=today)
    if scored is None:
        return None
    row, status, risk = scored
    sentence = rhythm_sentence(row, today=today, locale=actor.locale)
    if newest is not None and newest > row.last_gift and status != "second gift":
        status, sentence = "on rhythm", "A gift has come in since the rhythm was last worked out."
    return Rhythm(status, row.rhythm_days, row.regular, risk, row.expected_by, sentence)


def rhythm_sentence(scored: AtRiskRow | DonorRhythm, *, today: date, locale: str) -> str:
    """Return a sentence on how a donor gives and the last gift, from a row of scores."""
    since = (today - scored.last_gift).days
    if scored.status == PLEDGE_PAID:
        return "Has paid all that the running pledge has asked for so far."
    rhythm, expected = scored.rhythm_days, scored.expected_by
    if scored.gifts < FEWEST_FOR_RHYTHM or not rhythm or expected is None:
        ago = "today" if since == 0 else f"{formatting.count(since, 'day', locale=locale)} ago"
        return f"Gave once, {ago}. A second gift would show a rhythm."
    from app.donors.at_risk import assessment  # noqa: PLC0415 - imports numpy and pandas

    return assessment.sentence(
        gifts=scored.gifts,
        rhythm_days=rhythm,
        regular=scored.regular,
        days_since=since,
        expected_by=formatting.day(expected, today=today, locale=locale),
        peers=scored.peers or 0,
        peers_returned=scored.peers_returned or 0,
        locale=locale,
    )


def require_visible(db: Session, actor: Actor, donor_id: int) -> None:
    """Raise an error if the actor may not see this donor.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    if not queries.visible(db, actor, donor_id):
        raise NotFoundError(NOT_FOUND)


def months(db: Session, actor: Actor, donor_id: int, *, since: date) -> list[DonorMonth]:
    """Return the months with a gift since a day, in order; none if amounts are hidden.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    require_visible(db, actor, donor_id)
    if not actor.sees_amounts:
        return []
    currency = organisation(db).currency
    rows = detail_queries.months(db, donor_id, since=since.replace(day=1))
    return [
        DonorMonth(row.month, Money(row.pledged, currency), Money(row.one_time, currency))
        for row in rows
    ]


def owners(db: Session, actor: Actor) -> dict[int, str]:
    """Return the owners of the donors visible to the actor: id → name, by name."""
    return {row.id: row.name for row in queries.owners(db, actor)}


def local_day(db: Session, moment: datetime) -> date:
    """Return the calendar day of a moment in the organisation's time zone."""
    return moment.astimezone(ZoneInfo(organisation(db).time_zone)).date()
