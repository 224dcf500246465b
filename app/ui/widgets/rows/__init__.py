"""Rows of tables and lists as HTML of our own: columns, markup, and what users click in it."""
