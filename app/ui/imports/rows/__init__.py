"""Tables of the rows of an import, and links to them."""
