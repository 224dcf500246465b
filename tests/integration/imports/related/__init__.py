"""Imports of what belongs to donors, gifts and pledges."""
