"""SQL queries of import runs: state and result, lock, before-images, undo, retention."""
