"""What sources have told, remembered for a short while and shared by all requests."""
