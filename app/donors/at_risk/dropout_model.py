"""Model of the chance that a donor gives no more within a horizon, fitted on replays of the file.

A ridge logistic regression whose penalty pulls towards coefficients shipped with the program: a
file of sixty donors is not fitted to noise, and a large file outweighs the penalty.
"""

import numpy as np

from app.donors.at_risk.giving_history import Bools, Floats, Position

SHORTEST, LONGEST = 60.0, 550.0
NO_SPREAD = 0.8
LONG_RHYTHM, SHORT_RHYTHM = 240.0, 20.0
USUAL_LOG_DAYS = 4.0  # log days; keeps the columns near zero
HINGES = (1.0, 1.15, 1.3, 1.6, 2.6)
ROUNDS = 25
MIN_GAIN = 1e-6
RIDGE = 10.0
# Learnt from simulated donors who give monthly, quarterly, yearly, at the end of the year or
# at any time, with the columns of `features` in their order; no real person's data was used.
SHIPPED_COEFFICIENTS = (
    1.252,
    0.56,
    -8.399,
    4.802,
    2.353,
    0.286,
    -1.896,
    0.349,
    -0.503,
    0.008,
    -1.101,
    -0.472,
    1.115,
    -0.066,
    -0.3,
    1.689,
    -1.069,
    0.064,
    0.395,
    0.645,
    -0.187,
    -1.189,
    -1.206,
    -0.199,
    -0.337,
    -0.074,
    -0.05,
)


def horizon(position: Position) -> Floats:
    """Return the horizon in days: until two own cycles have passed, at least one; 60..550."""
    return horizon_of(position.rhythm, position.since)


def horizon_of(rhythm: Floats, since: Floats) -> Floats:
    """Return the horizon in days for a rhythm and the days since the last gift."""
    ahead: Floats = np.clip(np.maximum(2 * rhythm - since, rhythm), SHORTEST, LONGEST)
    return ahead


def features(position: Position, ahead: Floats) -> Floats:
    """Return one bounded row of 27 feature columns per donor."""
    rhythm, since = position.rhythm, position.since
    ratio = np.log(np.clip(since / rhythm, 0.05, 20.0))
    over = [np.maximum(ratio - np.log(hinge), 0.0) for hinge in HINGES]
    count = np.log(np.clip(position.gifts, 1, 60))
    unknown = np.isnan(position.spread)
    spread = np.clip(np.where(unknown, NO_SPREAD, position.spread), 0.0, 2.0)
    single, long = position.gifts == 1, rhythm > LONG_RHYTHM
    relative_horizon = np.log(np.clip(ahead / rhythm, 0.05, 20.0))
    log_days_since = np.log(np.clip(since, 1.0, 2000.0)) - USUAL_LOG_DAYS
    season = position.season * long
    return np.column_stack(
        [
            np.ones_like(rhythm),
            ratio,
            *over,
            count,
            spread,
            unknown,
            single,
            season,
            relative_horizon,
            log_days_since,
            ratio * spread,
            over[0] * spread,
            over[0] * count,
            single * log_days_since,
            long,
            rhythm < SHORT_RHYTHM,
            relative_horizon * ratio,
            *(step * long for step in over[:3]),
            season * over[0],
            count * log_days_since,
            np.log(rhythm) - USUAL_LOG_DAYS,
        ]
    )


def fit(rows: Floats, gave: Bools, centre: Floats) -> Floats:
    """Return the coefficients of the chance to give again, by reweighted least squares.

    The loss is −log likelihood + RIDGE ÷ 2 · |coefficients − centre|²; it is convex, and a step
    that would not lower it is halved, so that the fit converges from a distant start.
    """
    coefficients, loss = centre, _loss(rows, gave, centre, centre)
    for _ in range(ROUNDS):
        probability = logistic(rows @ coefficients)
        weight = np.maximum(probability * (1 - probability), MIN_GAIN)
        gradient = rows.T @ (gave - probability) - RIDGE * (coefficients - centre)
        hessian = (rows * weight[:, None]).T @ rows + RIDGE * np.eye(len(centre))
        step = np.linalg.solve(hessian, gradient)
        while (after := _loss(rows, gave, coefficients + step, centre)) > loss:
            step /= 2  # ends at the latest when the step is too small to change anything
        coefficients, gain, loss = coefficients + step, loss - after, after
        if gain < MIN_GAIN * len(rows):
            break
    return coefficients


def _loss(rows: Floats, gave: Bools, coefficients: Floats, centre: Floats) -> float:
    score = rows @ coefficients
    likelihood = np.sum(np.logaddexp(0.0, score)) - np.sum(score[gave])
    return float(likelihood + RIDGE / 2 * np.sum((coefficients - centre) ** 2))


def logistic(score: Floats) -> Floats:
    """Return 1 ÷ (1 + e^−score), for scores of any size."""
    chance: Floats = 1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0)))
    return chance
