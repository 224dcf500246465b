"""The demo donors in memory: profiles, pledges and gifts as drafts without ids."""
