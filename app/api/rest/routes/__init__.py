"""Routes of the JSON API: one module with one router per resource."""
