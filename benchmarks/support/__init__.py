"""Parts of benchmarks: simulated visitors, a private server, a baseline, hostile files."""
