"""Pure data structures and rules of an import plan."""
