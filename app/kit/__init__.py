"""Value types and pure functions for all packages: money, days, cadence, names, encryption."""
