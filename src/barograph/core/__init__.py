"""What travels between rooms: records, contracts, fitted values, results, errors, seeds and texts.

Imports nothing of ours but itself. Everything here is frozen plain data.
"""
