"""One importable field: its type and the header spellings that suggest it."""

from dataclasses import dataclass, replace

from app.file_reader.header import normal
from app.imports.values import header_words


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `type` is text, id, amount, currency, date, day, number, flag or choice:<name>.

    A "date" is in the past (gifts), a "day" may be in the future (pledges). `words` are header
    spellings that the mapping suggestion accepts, best first; after the first `usual` ones, which
    mean nothing else, the cells must look like the field too.
    """

    name: str
    label: str
    type: str = "text"
    words: tuple[str, ...] = ()
    usual: int = 0


def make(name: str, label: str, kind: str = "text", words: str = "") -> Field:
    """Return a field whose header may be its name, its label or one of the `words`."""
    own_label = normal(label)
    spellings = (name, *words.split())
    # the header of a template, of which some columns may be deleted
    if own_label not in spellings and name != "custom":
        spellings += (own_label,)
    return Field(name, label, kind, spellings, len(spellings))


def more_words(table: str, *fields: Field) -> tuple[Field, ...]:
    """Return the fields with the header spellings of other systems and languages added."""
    return tuple(
        replace(field, words=(*field.words, *header_words.words(table, field.name)))
        for field in fields
    )
