"""Operational risk: fraud in the act, laundering, losses."""
