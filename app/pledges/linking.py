"""Linking gifts to the pledges they pay: unambiguous links, and possible ones."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from app.accounts import SYSTEM
from app.db import Session
from app.pledges import read_model
from app.pledges.queries import pledges as queries
from app.pledges.queries import write as write_queries
from app.pledges.results import PledgeFilter
from app.pledges.rules import matching
from app.pledges.rules.matching import Candidate, MatchablePledge

Group = tuple[list[MatchablePledge], list[Candidate]]


def match(
    db: Session,
    *,
    gift_ids: Sequence[int] | None = None,
    import_run_id: int | None = None,
    today: date,
) -> int:
    """Link unlinked gifts to the one pledge each clearly pays; return how many.

    If two pledges could take a gift, neither is chosen. For the gifts and imports packages, which
    have checked that the actor may record these gifts.
    """
    key = "import_run_id" if gift_ids is None else "gift_ids"
    ids = import_run_id if gift_ids is None else list(gift_ids)
    links = [
        link
        for running, gifts in _groups(db, key, ids, today=today)
        for link in matching.find_links(running, gifts)
    ]
    if links:
        write_queries.link_for_system(db, links)
    return len(links)


def possible_links(
    db: Session, donor_ids: Sequence[int], *, today: date, gift_ids: Sequence[int] | None = None
) -> list[tuple[int, tuple[int, ...]]]:
    """Return (gift, pledges) of donors' unlinked gifts that may pay a pledge, newest first.

    The pledges of a gift are those in force on its day, in its currency and fund, except those a
    user has refused. For the gifts package, which knows that the actor may see these donors.
    """
    key = "donor_ids" if gift_ids is None else "gift_ids"
    ids = list(donor_ids if gift_ids is None else gift_ids)
    offers = []
    for running, gifts in _groups(db, key, ids, today=today):
        for gift in gifts:
            pledges = tuple(
                pledge.pledge_id for pledge in matching.possible_pledges(running, gift)
            )
            if pledges:
                offers.append((gift.day, gift.gift_id, pledges))
    return [(gift_id, pledges) for _, gift_id, pledges in sorted(offers, reverse=True)]


def _groups(
    db: Session, key: str, ids: Sequence[int] | int | None, *, today: date
) -> Iterator[Group]:
    """Yield the pledges of each donor and currency with the unlinked gifts that could pay them."""
    rows = write_queries.candidates_for_system(db, key, ids, today=today)
    if not rows:
        return
    running = _running(db, sorted({row.donor_id for row in rows}), today)
    for donor_and_currency, group in groupby(rows, key=lambda row: (row.donor_id, row.currency)):
        gifts = [
            Candidate(
                row.gift_id, row.gift_date, row.amount_minor, row.fund_id, frozenset(row.refused)
            )
            for row in group
        ]
        yield running.get(donor_and_currency, []), gifts


def _running(
    db: Session, donor_ids: Sequence[int], today: date
) -> dict[tuple[int, str], list[MatchablePledge]]:
    subset = queries.PledgeSubset(donor_ids=tuple(donor_ids))
    rows = queries.facts(db, SYSTEM, PledgeFilter(), today=today, subset=subset)
    received = queries.gifts_of(db, [row.id for row in rows])
    running: dict[tuple[int, str], list[MatchablePledge]] = {}
    for row in rows:
        pledge = MatchablePledge(
            row.id, read_model.rule_pledge(row), row.fund_id, list(received.get(row.id, ()))
        )
        running.setdefault((row.donor_id, row.currency), []).append(pledge)
    return running
