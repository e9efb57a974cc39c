"""Operational losses: how many, how large, what they sum to in a year, and the capital they ask for."""
