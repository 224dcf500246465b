"""Presets of donor databases: their exports of contacts, gifts and pledges."""
