"""What the top of a donor's page shows: how to reach the donor."""
