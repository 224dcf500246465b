"""Dates and times: days and months, cadences, totals by period, quiet hours."""
