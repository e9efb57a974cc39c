"""Forecasts of many levels at once: changes, factors, autoregressions, moving variances."""
