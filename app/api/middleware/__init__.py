"""ASGI middleware of all routes and screens: security, body limits, request log, known paths."""
