"""Routes of figures: of the dashboard, and of each member of a team."""
