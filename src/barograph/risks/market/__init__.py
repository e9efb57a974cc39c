"""Market risk: prices and what they may do."""
