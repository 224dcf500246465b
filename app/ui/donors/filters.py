"""Filters of the donor list, stored in the URL: search text, states, what counts; its order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from app import donors, gifts
from app.accounts import Actor
from app.db import Session
from app.ui.base.formats import plain
from app.ui.base.session import today
from app.ui.donors import custom_fields
from app.ui.donors import labels as donor_labels
from app.ui.donors.segments import bar
from app.ui.widgets import import_filter
from app.ui.widgets.counting import CREDITS
from app.ui.widgets.url_filters import Filter, UrlFilters, is_set, labelled, show_chips

GIVING = Filter(
    "Giving",
    "giving",
    {giving: donor_labels.GIVING[giving][1] for giving in donors.GIVING},
    several=True,
)
STATUS = Filter("Status", "status", labelled(donors.STATUSES, str.capitalize), several=True)
KIND = Filter("Kind", "kind", labelled(donors.KINDS, str.capitalize), several=True)
ANONYMOUS = Filter("Anonymous", "anonymous", {"yes": "Yes", "no": "No"})
UNIT = Filter(
    "One line per",
    "unit",
    labelled([unit.value for unit in donors.Unit], str.capitalize),
    donors.Unit.PERSON.value,
)
CREDIT = Filter("Counts", "credit", CREDITS, donors.Credit.HARD.value)
TAG, VALUE = "tag", custom_fields.VALUE
WIDTH = 138


@dataclass(frozen=True, slots=True)
class Options:
    """What the filters offer: owners and funds by id, tags, custom fields, segments."""

    owners: dict[int, str]
    funds: dict[int, str]
    tags: Sequence[str]
    fields: Sequence[donors.CustomField]
    segments: Sequence[donors.SegmentLine]


def load_options(db: Session, actor: Actor) -> Options:
    """Return what the filters offer the actor."""
    return Options(
        donors.owners(db, actor),
        {fund.fund_id: fund.name for fund in gifts.funds(db)},
        donors.tags(db),
        donors.custom_fields(db),
        donors.segments(db, actor, today=today()),
    )


def ask_filter_and_sort(actor: Actor, options: Options) -> tuple[donors.DonorFilter, str]:
    """Draw the search field, the filters and the sort order; return (filter, sort order)."""
    filters = UrlFilters()
    query = _ask_query(filters)
    of_import = import_filter.ask(filters)
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        segment = bar.ask_segment(filters, options.segments)
        giving = filters.several(GIVING, width=WIDTH)
        fund = _ask_fund(filters, options.funds)
        owner = _ask_owner(filters, options.owners)
        sort = filters.choice(_order(actor), width=WIDTH) or donors.SORTS[0]
        rarer = _rarer(filters, actor, options)
        number = sum(is_set(rare) for rare in rarer)
        more = st.popover(
            f"More filters ({number})" if number else "More filters", icon=":material/tune:"
        )
        conditions = st.container(width="content")
    with more:
        donor_filter = _ask_rarer(filters, rarer, options.fields)
        unit, credit = _ask_counted(filters, actor)
    _show_rarer(filters, rarer, donor_filter)
    donor_filter = replace(
        donor_filter,
        query=query,
        giving=giving,
        owner_id=owner,
        import_id=of_import.import_id,
        import_rows=of_import.rows,
        unit=unit,
        credit=credit,
    )
    with conditions:
        where = bar.ask_conditions(filters, donor_filter)
    return replace(donor_filter, where=where, segment_id=segment, fund_id=fund), sort


def _show_rarer(
    filters: UrlFilters, rarer: Sequence[Filter], donor_filter: donors.DonorFilter
) -> None:
    """Draw the filters that are set below "More filters", and what the address asks in vain."""
    # a value of a list has a word of its own
    written = donor_filter.custom_value is not None and VALUE not in {rare.key for rare in rarer}
    notes = {"field": f"“{donor_filter.custom_value}”"} if written else {}
    show_chips(rarer, key="active_filters", notes=notes)
    filters.show_refused()


def _ask_query(filters: UrlFilters) -> str:
    return filters.text(
        "Find a donor",
        key="query",
        search=True,
        icon=":material/search:",
        placeholder="Name, e-mail, phone or number",
        visible_label=False,
    )


def _order(actor: Actor) -> Filter:
    names = labelled(donor_labels.sorts(actor), str.capitalize)
    return Filter("Sorted by", "sort", names, donors.SORTS[0])


def _rarer(filters: UrlFilters, actor: Actor, options: Options) -> list[Filter]:
    """Return the filters below "More filters", with their values; of tags if there are any."""
    tag = Filter("Tag", TAG, labelled(options.tags, plain))
    if not options.tags:
        filters.refuse_unknown(tag)
    rarer = [
        STATUS,
        KIND,
        ANONYMOUS,
        *([tag] if options.tags else []),
        *custom_fields.filters_of(filters, options.fields),
        UNIT,
        *([CREDIT] if actor.sees_amounts else []),
    ]
    for rare in rarer:
        filters.seed(rare)
    return rarer


def _ask_rarer(
    filters: UrlFilters, rarer: Sequence[Filter], fields: Sequence[donors.CustomField]
) -> donors.DonorFilter:
    """Draw the filters below "More filters"."""
    status = filters.several(STATUS, width="stretch")
    kind = filters.several(KIND, width="stretch")
    anonymous = filters.choice(ANONYMOUS, placeholder="All")
    tag = next((rare for rare in rarer if rare.key == TAG), None)
    chosen_tag = filters.choice(tag, placeholder="Any") if tag else None
    of_field = [rare for rare in rarer if rare.key in {custom_fields.FIELD, VALUE}]
    name, value = custom_fields.ask_filter(filters, fields, of_field)
    return donors.DonorFilter(
        statuses=status,
        kinds=kind,
        tag=chosen_tag,
        anonymous=None if anonymous is None else anonymous == "yes",
        custom_field=name,
        custom_value=value,
    )


def _ask_fund(filters: UrlFilters, funds: dict[int, str]) -> int | None:
    """Draw the filter of funds if there are any; None means any."""
    chosen = Filter("Fund", "fund", {str(key): plain(name) for key, name in funds.items()})
    if not funds:
        filters.refuse_unknown(chosen)
        return None
    fund = filters.choice(chosen, width=WIDTH, placeholder="Any")
    return None if fund is None else int(fund)


def _ask_owner(filters: UrlFilters, owners: dict[int, str]) -> int | None:
    """Draw the filter of owners if there is a choice; None means everybody."""
    options = {str(owner_id): plain(name) for owner_id, name in owners.items()}
    chosen = Filter("Owner", "owner", options)
    if len(owners) <= 1:
        filters.refuse_unknown(chosen)
        return None
    owner = filters.choice(chosen, width=WIDTH, placeholder="Everybody")
    return None if owner is None else int(owner)


def _ask_counted(filters: UrlFilters, actor: Actor) -> tuple[donors.Unit, donors.Credit]:
    """Ask what is one line of the list, and which giving its sums count."""
    unit = filters.choice(UNIT, help="A household adds up what its members give.")
    credit = None
    if actor.sees_amounts:
        credit = filters.choice(
            CREDIT,
            help="Soft credits recognise a donor for the gifts of others. A gift counts once for"
            " a donor.",
        )
    return donors.Unit(unit or donors.Unit.PERSON), donors.Credit(credit or donors.Credit.HARD)
