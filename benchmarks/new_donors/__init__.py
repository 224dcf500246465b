"""The benchmark of importing new donors, beside known ones and in an empty database."""
