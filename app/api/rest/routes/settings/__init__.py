"""API routes for the settings of the organisation."""
