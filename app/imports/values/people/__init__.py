"""Names and kinds of donors, as files write them."""
