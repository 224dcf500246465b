"""E-mails, phones and postal addresses of a donor: their types, and the rule which one is used."""
