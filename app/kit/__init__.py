"""Words every room is written in: money, days, cadence, names. Pure; standard library only."""
