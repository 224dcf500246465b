"""Convert a mapped sheet to rows ready for staging: typed, with ids, without refused rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.gifts import LONGEST_CODE
from app.imports.parsing import amount_columns, contacts, donors, gift_splits
from app.imports.parsing.characters import refuse_texts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.conventions import date_order, decimal_mark
from app.imports.parsing.options import Options
from app.imports.values import arrays
from app.imports.values.arrays import hashes, is_true, positions
from app.imports.values.assumptions import Assumption
from app.imports.values.problems import Problem, RowProblem
from app.imports.values.row_numbers import file_row

# prefix of ids computed from a row's content; no other system's ids start like this
NATURAL = "row:"
GIFT_TEXTS = ("check_number", "tribute_name", "notify_name", "notify_address")


@dataclass(frozen=True, slots=True)
class TypedRows:
    """One kind's rows: those to stage, those refused, and those that repeat an earlier row.

    `date_order` and `decimal` are the conventions with which the file was parsed.
    """

    kind: str
    rows: pd.DataFrame
    total: int
    problems: tuple[RowProblem, ...]
    skipped: tuple[RowProblem, ...]
    date_order: str | None = None
    decimal: str | None = None
    # splits and soft credits of gifts, see `gift_splits`
    assumed: tuple[Assumption, ...] = ()
    splits: pd.DataFrame | None = None
    soft_credits: pd.DataFrame | None = None


def typed_rows(kind: str, sheet: Sheet) -> TypedRows:
    """Return the typed rows of one kind of a file.

    Raises:
        UndecidedError: the user must choose the date order or the decimal mark.
    """
    refuse_texts(sheet)
    return _MAKERS[kind](sheet)


def _funds(sheet: Sheet) -> TypedRows:
    name = sheet.text("name")
    sheet.require("name", name, Problem("fund_name_missing"))
    gl_code = sheet.text("gl_code")
    too_long = positions(gl_code.str.len() > LONGEST_CODE)
    sheet.refuse(too_long, "gl_code", Problem("gl_code_too_long"))
    status = sheet.choice("status", "fund_status")
    columns = {"name": name, "status": status, "gl_code": gl_code}
    identity = row_ids(sheet, [name])
    return finish("funds", sheet, identity, columns)


def _donors(sheet: Sheet) -> TypedRows:
    columns = donors.columns(sheet)
    identity = row_ids(sheet, [sheet.raw(name) for name in sheet.columns], repeats=False)
    return finish("donors", sheet, identity, columns)


def _gifts(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("gift_date",))
    mark = decimal_mark(sheet, ("amount", "fee"))
    day = sheet.day("gift_date", future=False, order=order)
    sheet.require("gift_date", day, Problem("date_missing"))
    minor, currency = _amount(sheet, mark)
    # what a status means is decided before; an unknown one refuses its row
    sheet.choice("gift_status", "gift_status")
    kind = sheet.choice("gift_kind", "gift_kind")
    minor = np.where(is_true(kind == "reversal"), -np.abs(minor), minor)
    method = sheet.choice("method", "method")
    columns = {
        **_references(sheet),
        "email": contacts.emails(sheet)["email"].str.lower(),
        "amount_minor": arrays.whole(minor),
        "currency": currency,
        "gift_date": day,
        "method": sheet.or_default("method", method, sheet.options.method),
        "fee_minor": optional_amount(sheet, "fee", currency, mark),
        "receipt_wanted": sheet.flag("receipt_wanted"),
        "tribute": sheet.choice("tribute", "tribute"),
        **{name: sheet.text(name) for name in GIFT_TEXTS},
        "note": sheet.text("note"),
        "reverses_ext": sheet.ident("reverses_external_id"),
    }
    _require_donor(sheet, columns)
    natural = [
        *_donor_cells(sheet),
        arrays.whole(minor),
        currency,
        day,
        method,
        *_fund_cells(sheet),
    ]
    identity = row_ids(sheet, natural)
    splits = gift_splits.splits(sheet, minor, currency, mark)
    soft_credits = gift_splits.soft_credits(sheet)
    gifts = finish("gifts", sheet, identity, columns, order, mark)
    return replace(gifts, splits=splits, soft_credits=soft_credits)


def _pledges(sheet: Sheet) -> TypedRows:
    order = date_order(sheet, ("start_date", "end_date"))
    mark = decimal_mark(sheet, ("amount", "total"))
    start = sheet.day("start_date", future=True, order=order)
    # in a format without start dates, pledges start on the day of the import
    if sheet.options.assume_start:
        assumed = Problem("start_assumed", {"day": sheet.options.today.isoformat()})
        sheet.note(positions(sheet.raw("start_date") == ""), "start_date", assumed)
    elif "start_date" in sheet:
        sheet.require("start_date", start, Problem("start_date_missing"))
    minor, currency = _amount(sheet, mark)
    sheet.refuse(np.flatnonzero((minor < 0) & ~sheet.bad), "amount", Problem("pledge_negative"))
    frequency = sheet.choice("frequency", "frequency")
    sheet.require("frequency", frequency, Problem("frequency_missing"))
    end = sheet.day("end_date", future=True, order=order)
    sheet.refuse(positions(end < start), "end_date", Problem("pledge_ends_before_start"))
    columns = {
        **_references(sheet),
        "email": contacts.emails(sheet)["email"].str.lower(),
        "amount_minor": arrays.whole(minor),
        "currency": currency,
        "frequency": frequency,
        "status": sheet.choice("status", "pledge_status"),
        "start_date": start,
        "end_date": end,
        "anchor_day": within(sheet, "anchor_day", 1, 31),
        "instalments": within(sheet, "instalments", 1, 10_000),
        "total_minor": optional_amount(sheet, "total", currency, mark),
        "grace_days": within(sheet, "grace_days", 0, 366),
        "method": sheet.or_default(
            "method", sheet.choice("method", "method"), sheet.options.method
        ),
        "note": sheet.text("note"),
    }
    _require_donor(sheet, columns)
    natural = [*_donor_cells(sheet), frequency, start, *_fund_cells(sheet)]
    return finish("pledges", sheet, row_ids(sheet, natural), columns, order, mark)


_MAKERS = {"funds": _funds, "donors": _donors, "gifts": _gifts, "pledges": _pledges}


def _amount(sheet: Sheet, mark: str) -> tuple[NDArray[np.int64], pd.Series]:
    sheet.refuse(positions(sheet.raw("amount") == ""), "amount", Problem("amount_missing"))
    minor, currency = amount_columns.amount(sheet, "amount", sheet.currency("currency"), mark)
    sheet.refuse(np.flatnonzero((minor == 0) & ~sheet.bad), "amount", Problem("amount_zero"))
    return minor, currency


def optional_amount(sheet: Sheet, name: str, currency: pd.Series, mark: str) -> pd.Series:
    """Return amounts in minor units, missing where blank; one that cannot be read is refused."""
    if name not in sheet:
        return arrays.missing(sheet.table.height, arrays.WHOLE)
    minor, _ = amount_columns.amount(sheet, name, currency, mark)
    return arrays.whole(minor, blank=is_true(sheet.raw(name) == ""))


def within(sheet: Sheet, name: str, least: int, most: int) -> pd.Series:
    """Return whole numbers; a number outside of these limits refuses its row."""
    column = sheet.number(name)
    sheet.refuse(
        positions((column < least) | (column > most)),
        name,
        Problem("number_out_of_range", {"least": least, "most": most}),
    )
    return column


def _references(sheet: Sheet) -> dict[str, pd.Series]:
    return {
        "donor_ext": sheet.ident("donor_external_id"),
        "fund_ext": sheet.ident("fund_external_id"),
        "fund": sheet.text_or("fund", sheet.options.fund),
        "campaign": sheet.text("campaign"),
        "pledge_ext": sheet.ident("pledge_external_id"),
    }


def _donor_cells(sheet: Sheet) -> list[pd.Series]:
    names = ("donor_external_id", "email", "name", "first_name", "last_name")
    return [sheet.raw(name) for name in names]


def _fund_cells(sheet: Sheet) -> list[pd.Series]:
    return [sheet.raw(name) for name in ("fund", "fund_external_id")]


def _require_donor(sheet: Sheet, columns: Mapping[str, pd.Series]) -> None:
    donor = columns["donor_ext"].fillna(columns["email"])
    for name in ("name", "first_name", "last_name"):
        donor = donor.fillna(sheet.text(name))
    field = next(
        (name for name in ("donor_external_id", "email", "name", "last_name") if name in sheet),
        "donor_external_id",
    )
    sheet.require(field, donor, Problem("donor_missing"))


def row_ids(sheet: Sheet, natural: Sequence[pd.Series], *, repeats: bool = True) -> pd.Series:
    """Return the id of each row: the file's own, or one computed from the row's content.

    A row without an id is recognised in later imports by its content. Of rows with equal natural
    keys and different cells, each gets its own number; rows equal in every cell share one id.
    """
    stated = sheet.ident("external_id")
    blank = stated.isna().to_numpy()
    if not blank.any():
        return stated
    key = pd.Series(hashes([column[blank] for column in natural]))
    content = pd.Series(sheet.content()[blank])
    repeated = content.duplicated() & (not sheet.options.repeats)
    number = pd.Series(0, index=key.index)
    if repeats:
        number[~repeated] = key[~repeated].groupby(key[~repeated]).cumcount()
        number = number.groupby(content).transform("first") if repeated.any() else number
    ids = [
        f"{NATURAL}{sheet.options.owner_id or 0}:{value:016x}-{n}"
        for value, n in zip(key.tolist(), number.tolist(), strict=True)
    ]
    return arrays.with_cells(stated, blank, ids)


def finish(
    kind: str,
    sheet: Sheet,
    ext_id: pd.Series,
    columns: Mapping[str, pd.Series],
    order: str | None = None,
    mark: str | None = None,
) -> TypedRows:
    """Return the rows that are not refused, with the ids of this instance's own records."""
    skipped = _repeated(sheet, ext_id)
    staged = {"row": arrays.whole(sheet.table.rows), "ext_id": ext_id, **columns}
    staged["own_id"] = _own_ids(ext_id, sheet.options)
    for name, column in columns.items():
        if name.endswith("_ext"):
            staged[name.replace("_ext", "_own")] = _own_ids(column, sheet.options)
    rows = pd.DataFrame(staged)
    if sheet.bad.any():
        rows = rows[~sheet.bad].reset_index(drop=True)
    total = sheet.table.height
    problems = tuple(sheet.problems)
    return TypedRows(kind, rows, total, problems, skipped, order, mark, tuple(sheet.assumed))


def _own_ids(column: pd.Series, options: Options) -> pd.Series:
    """Return this instance's record ids among a column of ids, missing for all other ids."""
    prefix = f"{options.instance_id}-"
    if not column.str.startswith(prefix).any():
        return arrays.missing(len(column), arrays.WHOLE)
    own = column.str.extract(rf"^{options.instance_id}-(\d{{1,18}})$", expand=False)
    return own.astype(arrays.WHOLE)


def _repeated(sheet: Sheet, ext_id: pd.Series) -> tuple[RowProblem, ...]:
    """Skip or refuse later rows with the id of an earlier valid row; return the skipped ones."""
    if ext_id.is_unique:
        return ()
    ids = ext_id[~sheet.bad]
    shared, later = ids[ids.duplicated(keep=False)], ids[ids.duplicated()]
    if not len(later):
        return ()
    rows, content = sheet.table.rows, sheet.content()
    first: dict[str, int] = {}
    for position, value in zip(shared.index.tolist(), shared.tolist(), strict=True):
        first.setdefault(value, position)
    skipped, clashes = [], []
    for position, value in zip(later.index.tolist(), later.tolist(), strict=True):
        earlier = first[value]
        if content[position] == content[earlier] or value.startswith(NATURAL):
            problem = Problem("same_row", {"row": file_row(int(rows[earlier]))})
            row = int(rows[position])
            skipped.append(RowProblem(row, sheet.header("external_id"), problem, "skip"))
            sheet.bad[position] = True
        else:
            clashes.append((position, earlier))
    for position, earlier in clashes:
        repeat = Problem("id_repeated", {"row": file_row(int(rows[earlier]))})
        sheet.refuse([position], "external_id", repeat, "conflict")
    return tuple(skipped)
