"""Guess what a donor is from the name and from the header above it, and split the name."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.file_reader.header import normal
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


def is_plain(column: pa.Array) -> pa.BooleanArray:
    """Return which names are those of persons in plain order, quickly: most names are.

    They have up to three words, none of which could be a title, a particle or an organisation's.
    """
    plain = pc.match_substring_regex(
        column, r"^[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*){0,2}$"
    )
    lower = pc.ascii_lower(pc.replace_substring(pc.if_else(plain, column, ""), ".", ""))
    words = pc.split_pattern(lower, " ")
    special = pc.is_in(pc.list_flatten(words), pa.array(sorted(_SPECIAL), pa.string()))
    closer = np.zeros(len(column), dtype=bool)
    closer[pc.list_parent_indices(words).filter(special).to_numpy()] = True
    compound = pc.match_substring_regex(lower, organisation_words.COMPOUND)
    return pc.and_not(pc.and_not(plain, pa.array(closer)), compound)


def split_plain(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return (first, last) of names that are plain; a single word is the last name."""
    first = pc.replace_substring_regex(column, r" ?[^ ]+$", "")
    return first, pc.replace_substring_regex(column, r"^.* ", "")
