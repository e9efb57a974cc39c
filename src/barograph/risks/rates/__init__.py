"""Interest-rate risk: how curves move."""
