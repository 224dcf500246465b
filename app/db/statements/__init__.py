"""Every statement: timeouts, cancellation, parameter checks, the log of slow ones."""
