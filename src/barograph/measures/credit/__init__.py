"""Credit: how well a probability of default ranks, is calibrated and keeps, and what it means in money."""
