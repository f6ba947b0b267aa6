"""Who is calling: from a request's headers to a caller with level, scopes and identity."""
