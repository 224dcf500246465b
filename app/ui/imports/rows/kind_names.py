"""The names of the kinds of files that can be imported, as the screens show them."""

from app import imports

_NOUNS = {"addresses": "address", "emails": "e-mail", "households": "household member"}
NOUNS = {
    kind: _NOUNS.get(kind, kind.removesuffix("s").replace("-", " ")) for kind in imports.KINDS
}
TITLES = {kind: kind.replace("-", " ").capitalize() for kind in imports.KINDS} | {
    "emails": "E-mails",
    "tags": "Tags of donors",
}
