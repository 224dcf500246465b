"""The activity of a donor: the timeline with its filters, and the dialog of a contact."""
