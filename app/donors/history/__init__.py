"""The history of one donor: the timeline of every kind of event, and the contact log."""
