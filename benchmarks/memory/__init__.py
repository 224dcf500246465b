"""How much memory open pages take, and whether the web process keeps growing."""
