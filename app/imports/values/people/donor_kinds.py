"""Guess what a donor is from the name and from the header above it, and split the name."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.file_reader.header import normal
from app.imports.values.arrays import is_true, where
from app.imports.values.people import organisation_words, person_names
from app.imports.values.people.person_names import Name
from app.kit.names import fold

# headers of columns that hold organisations, as `normal` writes them
_HEADERS = frozenset(
    """
    organisation organization organisation_name organization_name org org_name company
    company_name business business_name church church_name employer firma firmenname
    organisationsname entreprise societe nom_de_l_organisation organizacion empresa
    nombre_de_la_organizacion bedrijf bedrijfsnaam organisatie organisatienaam cegnev ceg
    szervezet szervezet_neve organizacao nome_da_empresa nome_da_organizacao
    """.split()  # noqa: SIM905
)
# a name of two or three words without any of these is that of a person
_SPECIAL = (
    organisation_words.WORDS
    | organisation_words.LEGAL_WORDS
    | organisation_words.PHRASE_WORDS
    | person_names.SPECIAL
    | {"of", "estate", "family", "household"}
)


def names_organisations(header: str) -> bool:
    """Return whether a column with this header holds the names of organisations."""
    return normal(header) in _HEADERS


def guess_kind(name: str) -> str:
    """Guess the kind of a donor from the name, where the file does not state it."""
    if organisation_words.is_organisation(name):
        return "organisation"
    return "household" if person_names.is_household(name) else "person"


def split_name(name: str, kind: str) -> Name:
    """Return the parts of a name; that of an organisation is not split."""
    if kind == "person":
        return person_names.split_person(name)
    return person_names.split_couple(name) if kind == "household" else Name(fold(name))


def describe(name: str, kind: str | None) -> tuple[str, Name]:
    """Return the kind, guessed unless the file states it, and the parts of the name."""
    kind = kind or guess_kind(fold(name))
    return kind, split_name(name, kind)


def is_plain(column: pd.Series) -> NDArray[np.bool_]:
    """Return which names are those of persons in plain order, quickly: most names are.

    They have up to three words, none of which could be a title, a particle or an organisation's.
    """
    plain = is_true(column.str.contains(r"^[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*){0,2}$"))
    lower = where(plain, column, "").str.replace(".", "", regex=False).str.lower()
    words = lower.str.split(" ").explode()
    plain[words.index[words.isin(sorted(_SPECIAL))]] = False
    return plain & ~is_true(lower.str.contains(organisation_words.COMPOUND))


def split_plain(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return (first, last) of names that are plain; a single word is the last name."""
    first = column.str.replace(r" ?[^ ]+$", "", regex=True)
    return first, column.str.replace(r"^.* ", "", regex=True)
