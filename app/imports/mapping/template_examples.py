"""Leave out the example rows of a template that were forgotten in a file."""

from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from app.file_reader.table import LeftOut
from app.imports.mapping.mapped_file import MappedFile
from app.imports.mapping.templates import EXAMPLES, MARK
from app.imports.values.arrays import is_true
from app.imports.values.row_numbers import file_row
from app.kit.errors import InvalidError

REASON = (
    f"An example of the template: delete the row, or write over its cells that begin with {MARK}"
)
# field → the cells of example rows that begin with the mark, of every kind
_MARKED = {
    name: sorted(
        {
            example[name]
            for examples in EXAMPLES.values()
            for example in examples
            if example.get(name, "").startswith(MARK)
        }
    )
    for name in ("external_id", "donor_external_id", "name", "first_name")
}


def leave_out_examples(mapped: MappedFile) -> MappedFile:
    """Return a file without the rows that are examples of a template, whatever was added to them.

    Raises:
        InvalidError: the file has no other rows.
    """
    examples = _examples(mapped)
    if not examples.any():
        return mapped
    if examples.all():
        msg = (
            "The file holds no rows yet: there are only the examples of the template. Add yours "
            "below the header, then choose the file again."
        )
        raise InvalidError(msg)
    table, keep = mapped.table, ~examples
    left_out = [
        LeftOut(file_row(int(table.rows[position])), REASON)
        for position in np.flatnonzero(examples).tolist()
    ]
    return replace(
        mapped,
        table=table.only(keep, left_out),
        only=None if mapped.only is None else mapped.only[keep],
    )


def _examples(mapped: MappedFile) -> NDArray[np.bool_]:
    """Return the mask of the rows with a marked cell in a column that names the row."""
    masks = [
        is_true(mapped.table.trimmed(index).isin(_MARKED[name]))
        for columns in (mapped.columns, mapped.donor_columns)
        for name, index in columns.items()
        if name in _MARKED
    ]
    return reduce(np.logical_or, masks, np.zeros(mapped.table.height, dtype=bool))
