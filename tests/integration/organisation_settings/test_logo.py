"""The logo: decoded and stored as PNG, or refused with a sentence."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import organisation_settings
from app.db.models import Activity
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories as make

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str, size: tuple[int, int] = (1600, 300), note: str = "") -> bytes:
    stored = io.BytesIO()
    info = PngInfo()
    info.add_text("Comment", note)
    options = {"pnginfo": info} if kind == "PNG" else {}
    Image.new("RGB", size, "teal").save(stored, kind, **options)
    return stored.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_png_without_its_notes(db: Session, kind: str) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_logo(db, ada, picture(kind, note="<script>alert(1)</script>"))
    stored = organisation_settings.logo(db)
    assert stored is not None
    assert b"script" not in stored
    with Image.open(io.BytesIO(stored)) as read:
        assert (read.format, read.size) == ("PNG", (800, 150))
    organisation_settings.save_logo(db, ada, picture("PNG", (40, 20)))
    organisation_settings.remove_logo(db, ada)
    organisation_settings.remove_logo(db, ada)
    assert organisation_settings.logo(db) is None
    sentences = db.scalars(
        select(Activity.sentence).where(Activity.entity == "organisation").order_by(Activity.id)
    ).all()
    assert sentences == [
        "Changed the organisation's logo",
        "Changed the organisation's logo",
        "Removed the organisation's logo",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "must be a PNG"),
        (b"no picture", "must be a PNG"),
        (SVG, "must be a PNG"),
        (picture("GIF", (10, 10)), "must be a PNG"),
        (picture("PNG")[:200], "must be a PNG"),
        (b"\x89PNG" + bytes(50_000_000), "2 MB at most"),
        (picture("PNG", (6000, 6000)), "too many pixels"),
        (picture("PNG", (30_000, 10)), "a thin line"),
        (picture("PNG", (10, 201)), "a thin line"),
    ],
    ids=[
        "empty",
        "text",
        "svg with a script",
        "gif",
        "cut off",
        "50 MB",
        "too many pixels",
        "wide line",
        "high line",
    ],
)
def test_anything_else_is_refused_and_the_logo_stays(
    db: Session, content: bytes, sentence: str
) -> None:
    ada = make.person(db, "admin")
    organisation_settings.save_logo(db, ada, picture("PNG", (40, 20)))
    before = organisation_settings.logo(db)
    with pytest.raises(InvalidError, match=sentence):
        organisation_settings.save_logo(db, ada, content)
    assert organisation_settings.logo(db) == before


def test_only_administrators_change_it(db: Session) -> None:
    for role in ("fundraiser", "supervisor", "coach", "finance", "read_only"):
        person = make.person(db, role)
        with pytest.raises(NotAllowedError):
            organisation_settings.save_logo(db, person, picture("PNG", (4, 4)))
        with pytest.raises(NotAllowedError):
            organisation_settings.remove_logo(db, person)
