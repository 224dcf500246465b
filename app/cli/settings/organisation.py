"""Commands for the organisation: organisation set and show."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app import accounts, organisation_settings
from app.accounts import SYSTEM
from app.db import Session, transaction_for_system
from app.kit import regional_defaults
from app.kit.errors import InvalidError

FiscalMonth = Annotated[
    int | None, typer.Option(help="The month in which its fiscal year begins, 1 to 12.")
]
AlertChannel = Annotated[
    str | None, typer.Option(help="Of new accounts: at once, summary, app or none.")
]
Modules = Annotated[
    str | None,
    typer.Option(help="The optional modules to use, with commas: requests; “none” for none."),
]
Logo = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A PNG, JPEG or WebP picture, at most 2 MB."),
]
NoLogo = Annotated[bool, typer.Option("--no-logo", help="Remove the logo.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command group `organisation`."""
    organisation = typer.Typer(help="The organisation's settings.", no_args_is_help=True)
    organisation.command("set")(set_organisation)
    organisation.command()(show)
    app.add_typer(organisation, name="organisation")


def set_organisation(
    name: Annotated[str | None, typer.Option(help="Its name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Its currency, such as EUR.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Such as Europe/Vienna.")] = None,
    fiscal_month: FiscalMonth = None,
    locale: Annotated[str | None, typer.Option(help="For amounts and dates: de_AT.")] = None,
    country: Annotated[str | None, typer.Option(help="Its country, such as AT.")] = None,
    address: Annotated[str | None, typer.Option(help="For letters and receipts.")] = None,
    tax_id: Annotated[str | None, typer.Option(help="For receipts.")] = None,
    sender_name: Annotated[str | None, typer.Option(help="Of mails.")] = None,
    thank_within_hours: Annotated[int | None, typer.Option(help="1 to 720.")] = None,
    file_retention_days: Annotated[int | None, typer.Option(help="Of uploaded files.")] = None,
    alert_channel: AlertChannel = None,
    modules: Modules = None,
    logo: Logo = None,
    no_logo: NoLogo = False,  # noqa: FBT002
) -> None:
    """Change the organisation's settings; what is not named stays as it is."""
    with transaction_for_system() as db:
        _change_logo(db, logo, remove=no_logo)
        accounts.save_organisation(
            db,
            SYSTEM,
            name=name,
            currency=currency and currency.upper(),
            time_zone=time_zone,
            fiscal_start_month=fiscal_month,
            locale=locale,
            country=country,
            address=address,
            tax_id=tax_id,
            sender_name=sender_name,
            thank_within_hours=thank_within_hours,
            file_retention_days=file_retention_days,
            alert_channel=alert_channel,
            modules=None if modules is None else _names(modules),
        )
    show(as_json=False)


def _names(modules: str) -> list[str]:
    """Return the modules named in an option, of which "none" and nothing name none."""
    names = [name.strip() for name in modules.split(",") if name.strip()]
    return [] if names == ["none"] else names


def _change_logo(db: Session, file: Path | None, *, remove: bool) -> None:
    if file is not None and remove:
        msg = "Name a file with --logo, or remove the logo with --no-logo, not both."
        raise InvalidError(msg)
    if file is not None:
        with file.open("rb") as stream:
            # one byte more shows that the file is too large, without reading all of it
            content = stream.read(organisation_settings.MOST_LOGO_BYTES + 1)
        organisation_settings.save_logo(db, SYSTEM, content)
    elif remove:
        organisation_settings.remove_logo(db, SYSTEM)


def show(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show the organisation's settings."""
    with transaction_for_system() as db:
        saved = accounts.organisation(db)
        picture = organisation_settings.logo(db)
    shown = {
        "name": saved.name,
        "currency": saved.currency,
        "time_zone": saved.time_zone,
        "fiscal_month": saved.fiscal_start_month,
        "locale": saved.locale,
        "country": saved.country,
        "address": saved.address,
        "tax_id": saved.tax_id,
        "sender_name": saved.sender_name,
        "thank_within_hours": saved.thank_within_hours,
        "file_retention_days": saved.file_retention_days,
        "alert_channel": saved.alert_channel,
        "modules": list(saved.modules),
        # what the locale decides
        "week_starts_on": regional_defaults.week_start(saved.locale),
        "date_order": regional_defaults.date_order(saved.locale),
        "logo_bytes": None if picture is None else len(picture),
    }
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    shown["modules"] = ", ".join(saved.modules) or "none"
    for setting, value in shown.items():
        typer.echo(f"{setting.replace('_', ' ')}: {'' if value is None else value}".rstrip())
