"""The tables as they came to be: one file per change, run by `govern.storage.open_database`."""
