"""Custom fields of donors that the organisation has defined, with a type."""
