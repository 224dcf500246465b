"""The organisation's logo: checked, made smaller and stored as PNG."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from app import audit
from app.accounts import Actor, require, require_own
from app.db import Session
from app.kit.errors import InvalidError
from app.kit.roles import Role
from app.organisation_settings.queries import logo as queries

MOST_BYTES = 2_000_000
# of the picture as it comes, before it is made smaller
MOST_PIXELS = 25_000_000
# what letters and screens need
WIDTH, HEIGHT = 800, 400
# the longer side, in shorter ones: made smaller, a thin line has no height left
MOST_NARROW = 20
# a vector picture may contain scripts; these formats cannot
FORMATS = ("PNG", "JPEG", "WEBP")


def save_logo(db: Session, actor: Actor, content: bytes) -> None:
    """Save a picture as the organisation's logo. Administrators only.

    It is decoded and encoded anew, so that nothing but its pixels is stored.

    Raises:
        InvalidError: it is no PNG, JPEG or WebP picture, or too large.
    """
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    png = as_png(content)
    queries.set_logo(db, png)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="organisation.changed",
        entity="organisation",
        sentence="Changed the organisation's logo",
        after={"logo_bytes": len(png)},
    )


def remove_logo(db: Session, actor: Actor) -> None:
    """Remove the organisation's logo. Administrators only."""
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    if queries.remove_logo(db):
        audit.record(
            db,
            actor_id=actor.user_id,
            action="organisation.changed",
            entity="organisation",
            sentence="Removed the organisation's logo",
        )


def logo(db: Session) -> bytes | None:
    """Return the organisation's logo as PNG, or None."""
    return queries.logo(db)


def as_png(content: bytes) -> bytes:
    """Return a picture as PNG of at most 800 × 400 pixels, without its metadata.

    Raises:
        InvalidError: it is no PNG, JPEG or WebP picture, or too large.
    """
    if len(content) > MOST_BYTES:
        msg = f"The logo may have {MOST_BYTES // 1_000_000} MB at most. Save it smaller."
        raise InvalidError(msg)
    try:
        with warnings.catch_warnings():
            # a picture that unpacks to very many pixels
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    msg = "The logo has too many pixels. Save it smaller."
                    raise InvalidError(msg)
                if max(picture.size) > MOST_NARROW * min(picture.size):
                    msg = (
                        f"The logo is a thin line: one side is more than {MOST_NARROW} times the "
                        "other. Cut it to another shape."
                    )
                    raise InvalidError(msg)
                smaller = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning) as error:
        msg = "The logo must be a PNG, JPEG or WebP picture. Save it as one of these."
        raise InvalidError(msg) from error
    smaller.thumbnail((WIDTH, HEIGHT))
    stored = io.BytesIO()
    smaller.save(stored, "PNG", optimize=True)
    return stored.getvalue()
