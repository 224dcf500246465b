"""Columns whose header is the name of a defined custom field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.donors import CustomField
from app.imports.mapping import columns as maps
from app.imports.mapping.mapped_file import USER_MAPPING, MappedFile
from app.imports.values.fields import CUSTOM_PREFIX
from app.kit.custom_fields import name_of

_NAMES = frozenset({"name", "first_name", "last_name"})
# what a column may be taken for by its cells, though it is named like a custom field
_BY_CONTENT = frozenset({"email", "phone", "currency"})


def named_like_fields(fields: Sequence[CustomField], headers: Iterable[str]) -> list[str]:
    """Return the headers that name a defined field, in any case."""
    names = {field.name.lower() for field in fields}
    return [header for header in headers if name_of(header).lower() in names]


def suggested(
    fields: Sequence[CustomField], headers: Sequence[str], kind: str, mapping: Mapping[str, str]
) -> dict[str, str]:
    """Return a mapping (header → field) with the unused headers that name a defined field."""
    if kind != "donors" and not _NAMES & set(mapping.values()):
        return dict(mapping)
    free = [
        header
        for index, header in enumerate(headers)
        if not mapping.get(header) or _by_content(headers, kind, mapping[header], index)
    ]
    return dict(mapping) | dict.fromkeys(named_like_fields(fields, free), "custom")


def _by_content(headers: Sequence[str], kind: str, field: str, index: int) -> bool:
    """Return whether only the cells of a column suggest its field, and not its header."""
    return field in _BY_CONTENT and maps.guess(headers, kind).get(field) != index


def with_custom_columns(mapped: MappedFile, fields: Sequence[CustomField]) -> MappedFile:
    """Return a file that nobody has mapped, with its unused columns of defined fields in use."""
    if mapped.kind != "donors" and not mapped.mixed:
        return mapped
    names, columns = mapped.table.columns, dict(mapped.columns)
    by_content = {
        name
        for name, index in columns.items()
        if mapped.preset == USER_MAPPING and _by_content(names, mapped.kind, name, index)
    }
    headers = named_like_fields(
        fields, [*mapped.unused, *(names[columns[name]] for name in by_content)]
    )
    if not headers:
        return mapped
    columns = {
        name: index
        for name, index in columns.items()
        if name not in by_content or names[index] not in headers
    }
    places = {CUSTOM_PREFIX + header: names.index(header) for header in headers}
    unused = tuple(header for header in mapped.unused if header not in headers)
    if mapped.donor_columns:
        return replace(mapped, donor_columns={**mapped.donor_columns, **places}, unused=unused)
    return replace(mapped, columns=columns | places, unused=unused)
