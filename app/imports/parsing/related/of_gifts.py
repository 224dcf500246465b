"""Parse the rows of campaigns, soft credits, and pauses and versions of pledges."""

import numpy as np

from app.imports.parsing import records
from app.imports.parsing.columns import Sheet
from app.imports.parsing.conventions import date_order, decimal_mark
from app.imports.parsing.records import TypedRows
from app.imports.parsing.related import shared_cells as cells
from app.imports.values.arrays import positions
from app.imports.values.problems import Problem


def campaigns(sheet: Sheet) -> TypedRows:
    """Return the campaigns with their dates and goals."""
    order = date_order(sheet, ("starts_on", "ends_on"))
    mark = decimal_mark(sheet, ("goal",))
    name = cells.name(sheet, "name")
    sheet.require("name", name, Problem("campaign_name_missing"))
    first = sheet.day("starts_on", future=True, order=order)
    last = sheet.day("ends_on", future=True, order=order)
    cells.check_days(sheet, first, last, "ends_on")
    currency = sheet.currency("goal_currency").fillna(sheet.options.currency)
    home = sheet.options.currency
    other = positions((currency != home) & (sheet.raw("goal") != ""))
    problem = Problem("goal_in_other_currency", {"currency": home})
    sheet.refuse(other, "goal_currency", problem)
    goal = records.optional_amount(sheet, "goal", currency, mark)
    sheet.refuse(positions((goal <= 0) & ~sheet.bad), "goal", Problem("amount_zero"))
    columns = {
        "name": name,
        "status": sheet.choice("status", "fund_status"),
        "fund_ext": sheet.ident("fund_external_id"),
        "fund": sheet.text("fund"),
        "starts_on": first,
        "ends_on": last,
        "goal_minor": goal,
    }
    return cells.finish("campaigns", sheet, columns, ("name",), order, mark)


def soft_credits(sheet: Sheet) -> TypedRows:
    """Return the soft credits; one without an amount credits the whole gift."""
    mark = decimal_mark(sheet, ("amount",))
    gift = sheet.ident("gift_external_id")
    sheet.require("gift_external_id", gift, Problem("gift_missing"))
    kind = sheet.choice("credit_type", "soft_credit")
    sheet.require("credit_type", kind, Problem("credit_type_missing"))
    currency = sheet.currency("currency").fillna(sheet.options.currency)
    minor = records.optional_amount(sheet, "amount", currency, mark)
    sheet.refuse(positions((minor <= 0) & ~sheet.bad), "amount", Problem("credit_too_large"))
    columns = {
        **cells.donor(sheet),
        "gift_ext": gift,
        "credit_type": kind,
        "amount_minor": minor,
        "currency": currency,
    }
    cells.require_donor(sheet, columns)
    natural = ("gift_external_id", "donor_external_id", "email", "credit_type")
    return cells.finish("soft-credits", sheet, columns, natural, mark=mark)


def pauses(sheet: Sheet) -> TypedRows:
    """Return the pauses of pledges; one without a last day is open."""
    order = date_order(sheet, ("pause_starts", "pause_ends"))
    pledge = sheet.ident("pledge_external_id")
    sheet.require("pledge_external_id", pledge, Problem("pledge_missing"))
    first = sheet.day("pause_starts", future=True, order=order)
    unread = np.flatnonzero((sheet.raw("pause_starts") == "").to_numpy(dtype=bool) & ~sheet.bad)
    sheet.refuse(unread, "pause_starts", Problem("pause_missing"))
    last = sheet.day("pause_ends", future=True, order=order)
    cells.check_days(sheet, first, last, "pause_ends")
    columns = {
        **cells.donor(sheet),
        "pledge_ext": pledge,
        "starts_on": first,
        "ends_on": last,
        "pause_reason": sheet.text("pause_reason"),
    }
    return cells.finish(
        "pledge-pauses", sheet, columns, ("pledge_external_id", "pause_starts"), order
    )


def versions(sheet: Sheet) -> TypedRows:
    """Return the versions of pledges: from a day on an amount, a frequency and a fund."""
    order = date_order(sheet, ("since",))
    mark = decimal_mark(sheet, ("amount",))
    pledge = sheet.ident("pledge_external_id")
    sheet.require("pledge_external_id", pledge, Problem("pledge_missing"))
    since = sheet.day("since", future=True, order=order)
    sheet.require("since", since, Problem("start_date_missing"))
    frequency = sheet.choice("frequency", "frequency")
    sheet.require("frequency", frequency, Problem("frequency_missing"))
    currency = sheet.currency("currency").fillna(sheet.options.currency)
    minor = records.optional_amount(sheet, "amount", currency, mark)
    sheet.require("amount", minor, Problem("amount_missing"))
    sheet.refuse(positions((minor <= 0) & ~sheet.bad), "amount", Problem("pledge_negative"))
    columns = {
        **cells.donor(sheet),
        "pledge_ext": pledge,
        "since": since,
        "amount_minor": minor,
        "currency": currency,
        "frequency": frequency,
        "day": records.within(sheet, "day_of_month", 1, 31),
        "grace_days": records.within(sheet, "grace_days", 0, 366),
        "fund_ext": sheet.ident("fund_external_id"),
        "fund": sheet.text("fund"),
        "person_email": sheet.text("changed_by").str.lower(),
    }
    natural = ("pledge_external_id", "since")
    return cells.finish("pledge-versions", sheet, columns, natural, order, mark)
