"""The level branch of the forecasting engine: one slow series, known late, with its densities."""
