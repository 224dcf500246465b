"""SQL of conditions: which donors pass, and the choices of their fields."""
