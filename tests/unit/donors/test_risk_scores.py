"""The public functions of the at-risk assessment, which import numpy and pandas when called."""

import subprocess
import sys

from app import donors
from app.donors import risk_scores
from app.settings import ROOT


def test_a_function_keeps_its_name_beside_the_package_of_that_name() -> None:
    """Importing a module of the package `at_risk` for the first time must not take it."""
    script = (
        "import sys; from app import donors\n"
        "before = 'pandas' in sys.modules\n"
        "import app.donors.at_risk.scoring\n"
        "print(before, callable(donors.at_risk), 'pandas' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert output.stdout == "False True True\n"


def test_the_public_names_are_these_functions() -> None:
    for name in ("at_risk", "measure_reliability", "reliability_report", "score"):
        assert getattr(donors, name) is getattr(risk_scores, name)
