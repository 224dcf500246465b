"""Parts of the dashboard and Today."""
