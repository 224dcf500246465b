"""Parse the rows of tags, contact details, households, relations, soft credits and others."""
