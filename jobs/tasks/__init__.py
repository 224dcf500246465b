"""The jobs: one module each, with the function that the timetable or the queue calls."""
