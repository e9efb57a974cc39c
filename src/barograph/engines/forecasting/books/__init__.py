"""Books of positions, currencies and banking books, from what the bundles of forecasting say. Never torch."""
