"""The panel branch of the forecasting engine: many levels at once, and the densities of their changes."""
