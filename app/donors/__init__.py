"""Donors: who they are, how to find them, their rhythm."""
