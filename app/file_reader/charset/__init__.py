"""Statistical detection of a file's character encoding from the names it holds."""
