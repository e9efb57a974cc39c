"""Who may answer and who is watching: registry, approvals, audit, monitors, limits, alerts; their tables."""
