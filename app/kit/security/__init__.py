"""Encryption of values and files, message authentication, signed tokens, CSV injection."""
