"""SQL of persons and households as one unit each: what they give, and how."""
