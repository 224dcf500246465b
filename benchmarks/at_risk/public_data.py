"""Public purchase data from a package on PyPI; its files are read, the package is not imported."""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

PACKAGE = "lifetimes==0.11.3"


def wheel(given: str | None) -> zipfile.ZipFile:
    """Open the package's wheel: the given file, or one downloaded to a temporary folder.

    Raises:
        SystemExit: the download failed; the message says what to do.
    """
    if given:
        return zipfile.ZipFile(given)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", folder, PACKAGE]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            msg = f"{PACKAGE} could not be fetched. Download its wheel and pass --wheel FILE."
            raise SystemExit(msg)
        return zipfile.ZipFile(io.BytesIO(wheels[0].read_bytes()))


def purchases(package: zipfile.ZipFile) -> pd.DataFrame:
    """Return the purchases of a record shop's new customers of early 1997, until June 1998."""
    text = package.read("lifetimes/datasets/CDNOW_master.txt").decode()
    rows = pd.read_csv(
        io.StringIO(text),
        sep=r"\s+",
        skiprows=1,
        header=None,
        names=["donor_id", "gift_date", "pieces", "amount"],
    )
    rows["gift_date"] = pd.to_datetime(rows["gift_date"], format="%Y%m%d")
    return rows[["donor_id", "gift_date", "amount"]]


def purchase_sums(package: zipfile.ZipFile) -> pd.DataFrame:
    """Return (x, t_x, T) in weeks for a tenth of the same customers, over their first 39 weeks."""
    rows = pd.read_csv(io.BytesIO(package.read("lifetimes/datasets/cdnow_customers_summary.csv")))
    return rows.rename(columns={"frequency": "x", "recency": "t_x"})[["x", "t_x", "T"]]


def donor_cohort(package: zipfile.ZipFile) -> pd.DataFrame:
    """Return (x, t_x, n, donors) of donors who first gave in 1995, by their years to 2001."""
    rows = pd.read_csv(io.BytesIO(package.read("lifetimes/datasets/donations.csv")))
    return rows.rename(
        columns={"frequency": "x", "recency": "t_x", "periods": "n", "weights": "donors"}
    )
