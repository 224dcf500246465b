"""Which tests exercise a module, and whether they do."""
