"""Parsing of single cells: amounts, dates, currencies, choices."""
