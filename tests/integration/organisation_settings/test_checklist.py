"""The first steps tick themselves as the organisation's data grows."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts, demonstration_mode, organisation_settings
from app.accounts import Actor
from app.kit.errors import NotAllowedError
from app.mail import MailServer
from app.settings import settings
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def open_steps(db: Session, ada: Actor) -> list[str]:
    return [step.name for step in organisation_settings.first_steps(db, ada) if not step.done]


def test_each_step_ticks_itself(db: Session, today: date, monkeypatch: pytest.MonkeyPatch) -> None:
    make.organisation(db)
    ada = make.person(db, "admin")
    steps = ["donors", "gifts", "pledges", "mail", "people", "goals", "summary", "backups"]
    assert open_steps(db, ada) == steps
    donor = make.donor(db, ada)
    assert open_steps(db, ada) == steps[1:]
    make.gift(db, donor)
    assert open_steps(db, ada) == steps[2:]
    make.pledge(db, donor)
    assert open_steps(db, ada) == steps[3:]
    server = MailServer("smtp.example.org", 587, True, "", "", "office@example.org")
    organisation_settings.save_mail_server(db, ada, server, now=NOW)
    assert open_steps(db, ada) == steps[4:]
    make.person(db, "fundraiser")
    assert open_steps(db, ada) == steps[5:]
    make.monthly_goal(db, ada.user_id, "1")
    assert open_steps(db, ada) == steps[6:]
    db.execute(
        text("""
        insert into outbox (key, name, to_email, subject, text_body, message_id, headers, state,
            tries, next_try_at, created_at)
        values ('w', 'weekly_summary', 'ada@example.org', 's', 't', 'm', '{}', 'sent', 1, now(),
            now())
        """)
    )
    assert open_steps(db, ada) == steps[7:]
    monkeypatch.setenv("BACKUP_TO", "backups")
    settings.cache_clear()
    assert organisation_settings.first_steps(db, ada) == []


def test_they_are_for_administrators_until_hidden(db: Session) -> None:
    make.organisation(db)
    ada, ruth = make.person(db, "admin"), make.person(db, "fundraiser")
    assert organisation_settings.first_steps(db, ruth) == []
    with pytest.raises(NotAllowedError):
        organisation_settings.hide_first_steps(db, ruth)
    assert organisation_settings.first_steps(db, ada)
    organisation_settings.hide_first_steps(db, ada)
    assert organisation_settings.first_steps(db, ada) == []
    assert accounts.organisation(db).name, "nothing else changed"


def test_the_demonstration_has_none(db: Session) -> None:
    make.organisation(db)
    ada = make.person(db, "admin")
    demonstration_mode.turn_on(settings().data_dir)
    settings.cache_clear()
    assert organisation_settings.first_steps(db, ada) == []
