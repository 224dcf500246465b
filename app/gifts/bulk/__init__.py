"""Changes of many gifts at once: thanks, and another fund."""
