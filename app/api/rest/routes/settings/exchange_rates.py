"""API routes for exchange rates: list, set, import a file, delete. Administrators only."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from app import accounts
from app.accounts import ExchangeRateLine, RateChanges, organisation
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Answer, Body, Currency, Day, Paged
from app.api.rest.uploads import Csv
from app.kit.money import Money

router = APIRouter(prefix="/exchange-rates", tags=["exchange rates"])

Rate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,10}(\.[0-9]{1,8})?$"),
    Field(
        description="What one unit is worth in the organisation's currency, as a string.",
        examples=["1.085"],
    ),
]
CurrencyInPath = Annotated[Currency, Path(description="ISO 4217 currency code.")]
DayInPath = Annotated[Day, Path(description="The day of the rate.", examples=["2026-11-23"])]


class ExchangeRates(Paged):
    """Filter and page of a list of exchange rates."""

    currency: Currency | None = Field(None, description="Rates of one currency.")


class NewExchangeRate(Body):
    """A rate to add, or to correct if its currency and day have one."""

    currency: Currency
    date: Day = Field(
        description="The rate holds from this day until the next one.", examples=["2026-11-23"]
    )
    rate: Rate


class ExchangeRate(Answer):
    """An exchange rate."""

    currency: str
    until: date | None = Field(description="Last day before the next rate; null: no next rate.")
    date: date
    rate: str
    base: str = Field(description="The organisation's currency.")


class ExchangeRateList(Answer):
    """A page of exchange rates by currency, the newest first."""

    items: list[ExchangeRate]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


class ConvertedGifts(Answer):
    """The gifts in a currency whose worth changed, and the sum of their worth."""

    currency: str
    gifts: int
    before: str = Field(description="Sum in the organisation's currency before.")
    after: str = Field(description="Sum in the organisation's currency now.")
    counted: int = Field(description="Gifts that waited for a rate and have one now.")
    waiting: int = Field(description="Gifts that have no rate any more.")


class ExchangeRateChange(Answer):
    """What a change of a rate did."""

    changed: bool = Field(description="False if this rate was stored already.")
    base: str = Field(description="The organisation's currency.")
    converted: list[ConvertedGifts]


class RateFile(Body):
    """How a file of rates is taken."""

    dry_run: bool = Field(default=False, description="Return what the file changes; save nothing.")


class ImportedRates(Answer):
    """What a file of rates did, or would do."""

    saved: bool = Field(description="False after a dry run, or if every rate was stored already.")
    base: str = Field(description="The organisation's currency.")
    added: int = Field(description="New rates.")
    corrected: int = Field(description="Rates that had another value.")
    unchanged: int = Field(description="Rates that were stored already.")
    currencies: list[str] = Field(description="Currencies whose rates changed.")
    left_out: list[str] = Field(
        description="Parts of the file that hold no rate, as sentences.",
        examples=[["2 days without a rate of USD, your currency."]],
    )
    converted: list[ConvertedGifts]


RATE_FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {
                    "type": "string",
                    "description": "The file itself, at most 10 MB.",
                    "examples": ["currency,day,rate\nCHF,2026-11-23,1.085\n"],
                }
            }
        },
    }
}


@router.get("", summary="List exchange rates", operation_id="list_exchange_rates")
def listed(actor: CurrentActor, query: Annotated[ExchangeRates, Query()]) -> ExchangeRateList:
    """Return a page of the exchange rates by currency, the newest first. Administrators only."""
    before = (
        cursors.decode_cursor("exchange rates", query.after, tuple[str, date])
        if query.after
        else None
    )
    lines, base = read_only(
        actor,
        lambda db: (
            accounts.exchange_rates(
                db, actor, currency=query.currency, before=before, limit=query.limit + 1
            ),
            organisation(db).currency,
        ),
    )
    page = lines[: query.limit]
    following = page[-1] if len(lines) > query.limit else None
    return ExchangeRateList(
        items=[_to_rate(line, base) for line in page],
        next=cursors.encode_cursor("exchange rates", following.currency, following.day.isoformat())
        if following
        else None,
    )


@router.post("", status_code=201, summary="Set an exchange rate", operation_id="set_exchange_rate")
def save(actor: CurrentActor, body: NewExchangeRate, once: OnlyOnce) -> ExchangeRateChange:
    """Set what one unit of a currency is worth from a day on, and convert its gifts again.

    A rate of this currency and day is corrected. Administrators only.
    """

    def make() -> ExchangeRateChange:
        changes = accounts.set_exchange_rate(
            db,
            actor,
            currency=body.currency,
            day=body.date,
            rate=body.rate,
            today=today(actor),
        )
        return _to_change(changes)

    with work(actor) as db:
        return once(db, actor, body, ExchangeRateChange, make)


@router.post(
    "/file",
    summary="Import a file of exchange rates",
    operation_id="import_exchange_rates",
    openapi_extra=RATE_FILE_BODY,
)
def import_file(
    actor: CurrentActor, options: Annotated[RateFile, Query()], data: Csv
) -> ImportedRates:
    """Save the rates of a CSV file, sent as the body, and convert the gifts of their days again.

    A file of the European Central Bank, or the columns currency, day and rate. All of its rates
    are saved, or none: 422 names the rows that cannot be used. Administrators only.
    """
    with work(actor) as db:
        changes = accounts.import_exchange_rates(
            db, actor, data=data, today=today(actor), dry_run=options.dry_run
        )
    return ImportedRates(
        saved=bool(changes.changes) and not options.dry_run,
        base=changes.base,
        added=changes.added,
        corrected=changes.corrected,
        unchanged=changes.unchanged,
        currencies=list(changes.currencies),
        left_out=list(changes.left_out),
        converted=_converted(changes),
    )


@router.delete(
    "/{currency}/{date}",
    summary="Delete an exchange rate",
    operation_id="delete_exchange_rate",
)
def delete(actor: CurrentActor, currency: CurrencyInPath, date: DayInPath) -> ExchangeRateChange:
    """Delete a mistaken rate. Its gifts are converted at the rate before it, or wait for one.

    Administrators only.
    """
    with work(actor) as db:
        changes = accounts.delete_exchange_rate(db, actor, currency=currency, day=date)
    return _to_change(changes)


def _to_rate(line: ExchangeRateLine, base: str) -> ExchangeRate:
    return ExchangeRate(
        currency=line.currency,
        date=line.day,
        until=line.until,
        rate=f"{line.rate:f}",
        base=base,
    )


def _to_change(changes: RateChanges) -> ExchangeRateChange:
    return ExchangeRateChange(
        changed=bool(changes.changes),
        base=changes.base,
        converted=_converted(changes),
    )


def _converted(changes: RateChanges) -> list[ConvertedGifts]:
    return [
        ConvertedGifts(
            currency=gifts.currency,
            gifts=gifts.gifts,
            before=str(Money(gifts.before, changes.base)),
            after=str(Money(gifts.after, changes.base)),
            counted=gifts.counted,
            waiting=gifts.waiting,
        )
        for gifts in changes.gifts
    ]
