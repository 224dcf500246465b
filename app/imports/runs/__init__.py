"""Import runs: execution, cancellation, undo, retention."""
