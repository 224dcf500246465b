"""Administration of custom fields."""
