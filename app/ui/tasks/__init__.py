"""The list of one's own tasks: filters, rows by day, what their buttons do, and dialogs."""
