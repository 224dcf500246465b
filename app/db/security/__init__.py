"""Row-level security: roles, policies, grants, and the user of a transaction."""
