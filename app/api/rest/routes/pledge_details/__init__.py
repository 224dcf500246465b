"""API routes for the changes of a pledge during its life."""
