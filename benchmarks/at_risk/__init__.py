"""The benchmark of the at-risk model, with its public and simulated data."""
