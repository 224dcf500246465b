"""Parse the rows of tags, households and relations."""

import pandas as pd

from app.imports.parsing import contacts
from app.imports.parsing.columns import Sheet
from app.imports.parsing.records import TypedRows
from app.imports.parsing.related import shared_cells as cells
from app.imports.values.problems import Problem

_DONOR = ("donor_external_id", "email")


def tags(sheet: Sheet) -> TypedRows:
    """Return the rows of tags; a row without a donor only creates its tag."""
    tag = cells.name(sheet, "tag", folded=False)
    sheet.require("tag", tag, Problem("tag_missing"))
    columns = {**cells.donor(sheet), "tag": tag}
    return cells.finish("tags", sheet, columns, (*_DONOR, "tag"))


def households(sheet: Sheet) -> TypedRows:
    """Return the members of households."""
    columns = {
        **cells.donor(sheet),
        "household_ext": sheet.ident("household_external_id"),
        "household_name": cells.name(sheet, "household_name"),
        "head": sheet.flag("head"),
        "household_salutation": cells.name(sheet, "household_salutation"),
        "household_envelope_name": cells.name(sheet, "household_envelope_name"),
    }
    cells.require_donor(sheet, columns)
    household = columns["household_ext"].fillna(columns["household_name"])
    field = "household_external_id" if "household_external_id" in sheet else "household_name"
    sheet.require(field, household, Problem("household_missing"))
    natural = (*_DONOR, "household_external_id", "household_name")
    return cells.finish("households", sheet, columns, natural)


def relations(sheet: Sheet) -> TypedRows:
    """Return the relations: the other donor is the employer, spouse … of the donor."""
    relation = sheet.choice("relation", "relation")
    sheet.require("relation", relation, Problem("relation_missing"))
    columns = {**cells.donor(sheet), "relation": relation, **_other(sheet)}
    cells.require_donor(sheet, columns)
    field = "other_external_id" if "other_external_id" in sheet else "other_email"
    other = columns["other_ext"].fillna(columns["other_email"])
    sheet.require(field, other, Problem("donor_missing"))
    natural = (*_DONOR, "relation", "other_external_id", "other_email")
    return cells.finish("relations", sheet, columns, natural)


def _other(sheet: Sheet) -> dict[str, pd.Series]:
    return {
        "other_ext": sheet.ident("other_external_id"),
        "other_email": contacts.first_emails(sheet, "other_email").str.lower(),
    }
