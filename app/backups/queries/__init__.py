"""SQL of backups."""
