"""The scoring engine's edition of the report: its content and its views."""
