"""What surrounds each screen: errors, impersonation, render limits, uploads."""
