"""The guide inside the app: its parts, the Help page, and the link at the top of every page."""
