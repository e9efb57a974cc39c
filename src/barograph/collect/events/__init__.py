"""Step 1 for events: payments and transfers, the user's own or simulated with every fraud in them known.

`catalogue` opens what a study names, or takes a table in memory; both give `core.event_table.EventSnapshot`.
`cards` and `accounts` simulate one from settings and a seed; `writing` keeps events in one table; `snapshot`
says which they are; `serving` reads events to be scored, and so nothing is imported here: an answer needs no
simulator.
"""
