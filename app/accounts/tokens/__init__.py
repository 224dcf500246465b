"""Tokens for programs: personal API tokens and short-lived JWTs."""
