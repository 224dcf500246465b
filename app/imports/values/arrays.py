"""Helpers for Arrow arrays: distinct values and row hashes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int32]


def coded(column: pa.Array) -> tuple[Codes, list[str]]:
    """Return (code of each row, distinct values): most columns repeat their values."""
    encoded = column.dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def hashes(columns: Sequence[pa.Array]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row of text, number or date columns."""
    frame = pd.DataFrame(
        {
            str(i): pc.fill_null(pc.cast(column, pa.string()), "").to_pandas()
            for i, column in enumerate(columns)
        }
    )
    return np.asarray(pd.util.hash_pandas_object(frame, index=False), dtype=np.uint64)
