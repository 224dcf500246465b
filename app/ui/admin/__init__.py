"""Parts of the administrators' screens."""
