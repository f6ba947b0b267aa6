"""How we speak HTTP: a stack of small transports, one fault table, exact decoding."""
