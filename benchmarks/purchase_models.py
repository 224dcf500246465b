"""Claim: the textbook models of buying "till they die" are reproduced, and not what we need.

BG/BB (Fader, Hardie and Shang 2010) on the donors who first gave in 1995, and BG/NBD (Fader,
Hardie and Lee 2005) on a record shop's customers, are fitted here and compared with the values in
the papers. They are references: they model neither a rhythm nor a season, so the program uses
neither. `python -m benchmarks.purchase_models [--wheel FILE] [--json]`.
"""

import argparse
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, logsumexp

from benchmarks.at_risk import public_data as public

# values in the papers with the tolerance; the last digit may differ by one
PRINTED = {
    "BG/BB alpha": (1.204, 0.001),
    "BG/BB beta": (0.750, 0.001),
    "BG/BB gamma": (0.657, 0.001),
    "BG/BB delta": (2.783, 0.001),
    "BG/BB log likelihood": (-33225.58, 0.01),
    "BG/BB gifts 2002 to 2006": (12884.2, 0.1),
    "BG/NBD r": (0.243, 0.001),
    "BG/NBD alpha": (4.414, 0.001),
    "BG/NBD a": (0.793, 0.001),
    "BG/NBD b": (2.426, 0.001),
    "BG/NBD log likelihood": (-9582.4, 0.1),
}
YEARS_AHEAD = 5


def main() -> None:
    """Fit and print; the exit code says whether the papers' values were reproduced."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", help=f"The wheel of {public.PACKAGE}.")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    package = public.wheel(chosen.wheel)
    figures = discrete(public.donor_cohort(package)) | continuous(public.purchase_sums(package))
    print(json.dumps(figures) if chosen.json else format_report(figures))
    raise SystemExit(0 if all(_held(name, figures[name]) for name in PRINTED) else 1)


def discrete(cohort: pd.DataFrame) -> dict[str, float]:
    """Fit BG/BB to (x, t_x, n, donors); return its parameters and the gifts it expects."""
    x, last, n, donors = (cohort[name].to_numpy(float) for name in ("x", "t_x", "n", "donors"))

    def log_likelihoods(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        alpha, beta, gamma, delta = parameters
        whole = betaln(alpha, beta) + betaln(gamma, delta)
        alive = betaln(alpha + x, beta + n - x) + betaln(gamma, delta + n)
        terms = [alive]
        for step in range(int(n.max())):
            died = betaln(alpha + x, beta + last - x + step)
            died = died + betaln(gamma + 1, delta + last + step)
            terms.append(np.where(step < n - last, died, -np.inf))
        total: NDArray[np.float64] = logsumexp(terms, axis=0) - whole
        return total

    parameters, best = _fit(lambda point: -float(donors @ log_likelihoods(point)), 4)
    alpha, beta, gamma, delta = parameters
    ahead = (
        betaln(alpha + x + 1, beta + n - x)
        - betaln(alpha, beta)
        - log_likelihoods(np.array(parameters))
        + gammaln(gamma + delta)
        - gammaln(1 + delta)
    )
    until = np.exp(gammaln(1 + delta + n) - gammaln(gamma + delta + n))
    beyond = n + YEARS_AHEAD
    after = np.exp(gammaln(1 + delta + beyond) - gammaln(gamma + delta + beyond))
    expected = np.exp(ahead) * delta / (gamma - 1) * (until - after)
    return {
        "BG/BB alpha": alpha,
        "BG/BB beta": beta,
        "BG/BB gamma": gamma,
        "BG/BB delta": delta,
        "BG/BB log likelihood": -best,
        "BG/BB gifts 2002 to 2006": float(donors @ expected),
    }


def continuous(sums: pd.DataFrame) -> dict[str, float]:
    """Fit BG/NBD to (x, t_x, T) in weeks; return its parameters."""
    x, last, whole = (sums[name].to_numpy(float) for name in ("x", "t_x", "T"))

    def log_likelihood(parameters: NDArray[np.float64]) -> float:
        r, alpha, a, b = parameters
        counted = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        left = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + whole)
        died = (
            betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
        )
        died = np.where(x > 0, died, -np.inf)
        return float(np.sum(counted + np.logaddexp(left, died)))

    parameters, best = _fit(lambda point: -log_likelihood(point), 4)
    names = ("r", "alpha", "a", "b")
    return {f"BG/NBD {name}": value for name, value in zip(names, parameters, strict=True)} | {
        "BG/NBD log likelihood": -best
    }


def _fit(loss: Callable[[np.ndarray], float], many: int) -> tuple[list[float], float]:
    """Return the positive parameters with the least loss, and that loss."""
    done = minimize(
        lambda logs: loss(np.exp(logs)),
        np.zeros(many),
        method="Nelder-Mead",
        options={"maxiter": 10_000, "maxfev": 10_000, "xatol": 1e-8, "fatol": 1e-8},
    )
    return [float(value) for value in np.exp(done.x)], float(done.fun)


def _held(name: str, value: float) -> bool:
    printed, within = PRINTED[name]
    return abs(value - printed) <= within


def format_report(figures: dict[str, float]) -> str:
    """Return a table of each value beside the one in the paper."""
    lines = [f"{'':<28}{'here':>12}{'printed':>12}"]
    for name, (printed, _) in PRINTED.items():
        mark = "" if _held(name, figures[name]) else "  DIFFERS"
        lines.append(f"{name:<28}{figures[name]:>12,.3f}{printed:>12,.3f}{mark}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
