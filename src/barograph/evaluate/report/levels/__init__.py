"""The report of the level branch: its content, gathered from a run, and its views."""
