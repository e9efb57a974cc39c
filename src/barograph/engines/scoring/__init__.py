"""The scoring engine: records in; calibrated probabilities, or losses given default, out."""
