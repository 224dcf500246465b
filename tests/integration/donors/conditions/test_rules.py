"""Conditions as text: what is read, what is refused, and with which sentence."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app import donors
from app.donors import Condition
from app.kit.errors import InvalidError
from tests import factories as make

TODAY = date(2026, 11, 23)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
CONDITIONS = st.builds(Condition, WORDS, WORDS, st.lists(WORDS, max_size=3).map(tuple))
RULES = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple), max_size=10).map(tuple)


@given(rule=RULES)
def test_what_is_written_is_read_again(rule: donors.Rule) -> None:
    text = donors.encode_rule(rule)
    assert donors.parse_rule(text) == rule
    assert bool(text) == bool(rule)


def test_empty_groups_are_left_out() -> None:
    assert donors.parse_rule("[[], []]") == ()
    assert donors.parse_rule("  ") == ()
    assert donors.encode_rule(((),)) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("{}", "[", "[1]", '[["tag"]]', '[[["tag"]]]', '[[["tag",1]]]', '[[["tag","is",null]]]'),
        *("[" * 2_000, '[[["a","is","\\u0000"]]]', '[[["a","is","\\ud800"]]]'),
        json.dumps([[["city", "is", "x" * 201]]]),
        json.dumps([[["tag", "is", *map(str, range(101))]]]),
    ],
)
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(InvalidError, match="cannot be read"):
        donors.parse_rule(text)


@pytest.mark.parametrize(
    "groups", [[[["gifts", "at least", "1"]]] * 11, [[["gifts", "at least", "1"]] * 31]]
)
def test_too_many_conditions_are_refused(groups: object) -> None:
    with pytest.raises(InvalidError, match="At most 30 conditions in 10 groups"):
        donors.parse_rule(json.dumps(groups))


REFUSED = [
    (["height", "at least", "1"], "no such field"),
    (["gifts", "is", "1"], "Number of gifts cannot be compared by “is”"),
    (["gifts", "at least"], "Number of gifts: choose a value"),
    (["gifts", "at least", " "], "Number of gifts: choose a value"),
    (["gifts", "at least", "1", "2"], "compared with one value"),
    (["gifts", "at least", "1.5"], "Number of gifts: give a number"),
    (["gifts", "at least", "NaN"], "Number of gifts: give a number"),
    (["gifts", "at least", "1e99"], "Number of gifts: give a number"),
    (["lifetime", "at least", "-1"], "zero or more"),
    (["lifetime", "at least", "1.005"], "more decimals than USD has"),
    (["lifetime", "at least", "lots"], "is not an amount"),
    (["last gift", "in the last", "0"], "from 1 to 36500"),
    (["last gift", "in the last", "9" * 60], "from 1 to 36500"),
    (["last gift", "since", "yesterday"], "give a day"),
    (["last gift", "since", "0001-01-01"], "."),
    (["pledge", "is", "maybe"], "choose yes or no"),
    (["status", "is", "friend"], "a choice does not exist any more"),
    (["tag", "is", "99"], "a choice does not exist any more"),
]


@pytest.mark.parametrize(("condition", "sentence"), REFUSED)
def test_a_condition_that_asks_for_what_is_not_there_is_named(
    db: Session, condition: list[str], sentence: str
) -> None:
    make.organisation(db)
    ada = make.person(db, "admin")
    chosen = donors.DonorFilter(where=json.dumps([[condition]]))
    for ask in (donors.filtered_ids, donors.page):
        with pytest.raises(InvalidError, match=sentence):
            ask(db, ada, filter=chosen, today=TODAY)
