"""The first visit of a new browser: requests and bytes until the sign-in form and Today."""
