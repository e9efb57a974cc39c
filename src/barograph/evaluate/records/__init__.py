"""Judging a scoring run: plan, alarms, scores, comparisons, claims and verdict of records."""
