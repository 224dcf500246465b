"""Charts and metric cards."""
