"""Commands for replacing SECRET_KEY: secret status and secret rotate."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import typer

from app import accounts, audit, imports, mail
from app.accounts.tokens.jwt_tokens import refresh_lasts
from app.db import Session, transaction_for_system
from app.kit.formatting import count
from app.kit.security.encryption import KeyUse, fingerprint
from app.mail import action_links, unsubscribe_links
from app.settings import settings

ACTION = "secret.rotated"
ROTATE = "Run: python -m app secret rotate"
LOST_MESSAGE = (
    "{} open with no key named here. If SECRET_KEY was changed, add the key of before to "
    "SECRET_KEY_FALLBACKS. If it is lost: upload the files again, and run python -m app user "
    "second-factor-off for whose codes are refused."
)


def register(app: typer.Typer) -> None:
    """Add the command group `secret`."""
    group = typer.Typer(help="Replace SECRET_KEY without losing anything.", no_args_is_help=True)
    group.command()(status)
    group.command()(rotate)
    app.add_typer(group, name="secret")


def status() -> None:
    """Print what still needs an older key, and when SECRET_KEY_FALLBACKS can be emptied."""
    older = len(settings().secret_key_fallbacks)
    typer.echo(f"SECRET_KEY, and {count(older, 'older key')} in SECRET_KEY_FALLBACKS.")
    uses = key_uses()
    for name, use in uses.items():
        typer.echo(
            f"{name}: {use.current:,} sealed with SECRET_KEY, {use.older:,} with an older key, "
            f"{use.lost:,} with no key named here."
        )
    if older:
        for line in _advice(sum(uses.values(), KeyUse())):
            typer.echo(line)
    elif lost := _lost_message(uses):
        typer.echo(lost)


def rotate() -> None:
    """Re-encrypt all data under an older key with SECRET_KEY; may be stopped and run again."""
    files = _reencrypt_files()
    secrets = _reseal_second_factors()
    with transaction_for_system() as db:
        servers = mail.reencrypt_for_system(db)
        of_mail = ", and the password of the mail server" if servers else ""
        sentence = (
            f"Sealed {count(files, 'uploaded file')} and {count(secrets, 'two-factor secret')}"
            f"{of_mail} with SECRET_KEY."
        )
        if files or secrets or servers or first_used_at(db) is None:
            key = fingerprint(settings().signing_key)
            audit.record(
                db,
                actor_id=None,
                action=ACTION,
                entity="secret",
                sentence=sentence,
                after={"key": key},
            )
    typer.echo(sentence)
    uses = key_uses()
    for line in _advice(sum(uses.values(), KeyUse())) if settings().secret_key_fallbacks else ():
        typer.echo(line)
    if lost := _lost_message(uses):
        typer.echo(lost)


def key_uses() -> dict[str, KeyUse]:
    """Count the encrypted files and two-factor secrets by the key that decrypts them."""
    with transaction_for_system() as db:
        secrets = accounts.mfa_key_use_for_system(db)
        servers = mail.key_use_for_system(db)
        files = imports.file_key_use(db)
    uses = {"Uploaded files": files, "Two-factor secrets": secrets}
    return uses | ({"Mail server passwords": servers} if servers != KeyUse() else {})


def first_used_at(db: Session) -> datetime | None:
    """Return when everything was first encrypted with this SECRET_KEY, or None if never."""
    return audit.first_recorded_at(
        db, action=ACTION, after={"key": fingerprint(settings().signing_key)}
    )


def valid_until(since: datetime) -> dict[str, datetime]:
    """Return until when API sign-ins and mail links signed before `since` are still accepted."""
    lasts: dict[str, timedelta] = {
        "sign-ins of programs": refresh_lasts(),
        "links in mails that do something": action_links.VALID_FOR,
        "links in mails to the mail preferences": unsubscribe_links.VALID_FOR,
    }
    return {name: since + duration for name, duration in lasts.items()}


def problems() -> Iterator[str]:
    """Yield the problems with the keys, for the command doctor."""
    uses = key_uses()
    if older := sum(uses.values(), KeyUse()).older:
        yield f"{count(older, 'stored secret')} still sealed with an older key. {ROTATE}"
    elif settings().secret_key_fallbacks:
        with transaction_for_system() as db:
            since = first_used_at(db)
        if since is None:
            yield f"SECRET_KEY_FALLBACKS names an older key. {ROTATE}"
        elif max(valid_until(since).values()) < datetime.now(UTC):
            yield "Nothing needs SECRET_KEY_FALLBACKS any more. Empty it."
    if lost := _lost_message(uses):
        yield lost


def _lost_message(uses: dict[str, KeyUse]) -> str:
    parts = [f"{use.lost:,} {name.lower()}" for name, use in uses.items() if use.lost]
    return LOST_MESSAGE.format(" and ".join(parts).capitalize()) if parts else ""


def _advice(use: KeyUse) -> Iterator[str]:
    """Yield sentences that say what still needs an older key, and until when."""
    with transaction_for_system() as db:
        since = first_used_at(db)
    if use.older or since is None:
        yield f"An older key is still needed. {ROTATE}"
        return
    now, ends = datetime.now(UTC), valid_until(since)
    waiting = {name: end for name, end in ends.items() if end > now}
    for name, end in waiting.items():
        yield f"Made with an older key and still good: {name}, until {end:%-d %B %Y}."
    if not waiting:
        yield "Nothing needs an older key. Empty SECRET_KEY_FALLBACKS and restart."
        return
    yield (
        f"Empty SECRET_KEY_FALLBACKS after {max(ends.values()):%-d %B %Y}. Earlier, what is "
        "listed above ends earlier. If the older key may be known to others, empty it now."
    )


def _reencrypt_files() -> int:
    """Re-encrypt the uploaded files, one transaction for each; return how many."""
    with transaction_for_system() as db:
        copied = imports.copy_disk_files(db)
        keys = imports.files_under_older_keys(db)
    total = imports.delete_disk_files(copied)
    for key in keys:
        with transaction_for_system() as db:
            total += imports.reencrypt_file(db, key)
    return total


def _reseal_second_factors() -> int:
    """Re-encrypt the two-factor secrets, one transaction per batch; return how many."""
    total, last_id = 0, 0
    while True:
        with transaction_for_system() as db:
            number, next_id = accounts.reencrypt_mfa_secrets_for_system(db, after=last_id)
        total += number
        if next_id is None:
            return total
        last_id = next_id
