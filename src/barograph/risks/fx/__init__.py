"""Currency risk: how much a rate moves, and how likely it falls by more than a threshold."""
