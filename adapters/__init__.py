"""One room per provider, each with one door: its client. `transport` is how they speak HTTP."""
