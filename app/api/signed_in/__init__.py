"""Routes for the user of the session cookie, beside the files: the search and a preview."""
