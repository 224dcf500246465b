"""SQL of pledges."""
