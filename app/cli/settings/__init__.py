"""Commands for the organisation's settings and its exchange rates."""
