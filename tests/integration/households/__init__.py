"""Tests of app.households against PostgreSQL."""
