"""Credit risk: who defaults, how much is lost, how the default rate moves."""
