"""The live state of event features as machine code, where the extra `[fast]` is installed.

Beside `EventState`, which says the same in plain Python, and equal to it to the bit. One array of words holds
the events and labels of all keys (`blocks`); functions compiled by numba work on it (`histories`, `labels`,
`taking`); `state` is what Python sees.
"""
