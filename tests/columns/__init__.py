"""Where each column of the database is written and shown: docs/data.md and its checks."""
