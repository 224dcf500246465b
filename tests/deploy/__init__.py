"""The files in deploy/ and beside it, each judged by its own tool or by its rules."""
