"""Parts of the screens Dashboard and Today."""
