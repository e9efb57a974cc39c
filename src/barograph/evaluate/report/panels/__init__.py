"""The report of a panel of levels."""
