"""SQL of households and of relations between donors."""
