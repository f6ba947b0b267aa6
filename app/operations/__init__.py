"""One verb per module: what the graph can do, whoever the providers are."""
