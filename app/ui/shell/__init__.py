"""App shell around each screen: error boundary, impersonation and upload limits."""
