"""Every change with a parameter that is a day × days at the ends of the calendar: a sentence.

The parameters are found from the signatures, so that a new one is tested as it is added.
"""

import dataclasses
import inspect
import typing
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.kit.errors import DonorCrmError
from tests.integration.accounts.test_impersonation import WRITES
from tests.integration.test_text_values import (
    MODULES,
    World,
    call,
    db,
    last_dataclass,
    short,
    standing,
    world,
)

__all__ = ["db", "standing", "world"]
EXTREMES = (date.min, date.max)
# the clock of the machine, not a value that a user enters
CLOCK = {"today"}
# a line of a list that we made
OURS = {"alerts.ensure"}


def is_day(annotation: object) -> bool:
    return annotation is date or date in typing.get_args(annotation)


def places(function: Callable[..., object]) -> list[str]:
    found = []
    for name, one in inspect.signature(function).parameters.items():
        if name in CLOCK:
            continue
        if is_day(one.annotation):
            found.append(name)
        elif dataclasses.is_dataclass(kind := last_dataclass(one.annotation)):
            hints = typing.get_type_hints(kind)
            found += [f"{name}.{part}" for part, hint in hints.items() if is_day(hint)]
    return found


def cases() -> list[tuple[str, str]]:
    return [
        (f"{short(room)}.{name}", place)
        for room in MODULES
        for name in sorted(WRITES.get(room, ()))
        if f"{short(room)}.{name}" not in OURS
        for place in places(getattr(room, name))
    ]


@pytest.mark.parametrize("day", EXTREMES, ids=str)
@pytest.mark.parametrize(("name", "place"), cases(), ids=str)
def test_a_day_at_the_end_of_the_calendar_is_refused(
    db: Session, world: World, name: str, place: str, day: date
) -> None:
    with pytest.raises(DonorCrmError):
        call(db, world, name, place, day)


@pytest.mark.parametrize("name", sorted({name for name, _ in cases()}))
def test_what_is_refused_is_the_day_and_not_the_rest(db: Session, world: World, name: str) -> None:
    call(db, world, name)


def test_parameters_that_are_days_are_found() -> None:
    found = {".".join(case) for case in cases()}
    assert {
        "donors.change_contact_detail.detail.valid_to",
        "gifts.record.on",
        "tasks.create.due_on",
        "alerts.snooze.until",
    } <= found
