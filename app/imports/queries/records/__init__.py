"""SQL of the records around donors: contacts, tasks and consents of a file."""
