"""Signing in: passwords, sessions, passkeys, two-factor authentication and rate limits."""
