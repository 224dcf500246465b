"""Parts of the People screen."""
