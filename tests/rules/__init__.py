"""Rules of the code: sizes, scopes, import contracts, and the tests of each module."""
