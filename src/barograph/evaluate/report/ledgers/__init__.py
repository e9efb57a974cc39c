"""The report of the ledger branch: its content, gathered from a run, and its views."""
