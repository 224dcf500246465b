"""SQL queries of the gifts of a file: plan, write, splits, refunds."""
