"""Guess what a donor is from the name and from the header above it, and split the name."""

from app.file_reader.header import normal
from app.imports.values import organisation_words, person_names
from app.imports.values.person_names import Name
from app.kit.names import fold, search_text

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
_IN_WORDS = str.maketrans("", "", " .-'’")


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
    if kind in {None, "person"}:
        words = name.split()
        name = " ".join(words)
        if _is_plain(name, words):
            return "person", Name(name, " ".join(words[:-1]), words[-1])
    kind = kind or guess_kind(name)
    return kind, split_name(name, kind)


def _is_plain(name: str, words: list[str]) -> bool:
    """Return quickly whether nothing in a name needs a closer look; most names are like that."""
    if len(words) > 3 or not name.translate(_IN_WORDS).isalpha():  # noqa: PLR2004
        return False
    plain = name.lower() if name.isascii() else search_text(name)
    plain = plain.replace(".", "")
    return _SPECIAL.isdisjoint(plain.split(" ")) and not organisation_words.is_compound(plain)
