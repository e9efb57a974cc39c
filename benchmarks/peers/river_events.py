"""Counts, sums and means of each actor's last hour, day, week and month with river. argv: arrays.

In two ways: with the aggregates that its pages show, twelve of them; and with the least that gives the same,
one rolling mean per actor and window, which carries the number and the mean of what lies in it. River drops
what is too old as the next event of the same actor arrives.
"""

import datetime as dt
import sys
import time
from collections import defaultdict

import jobs
import numpy as np
from river import feature_extraction as fx
from river import stats, utils

ARRAYS = np.load(sys.argv[1])
TIMES = [dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(one)) for one in ARRAYS["time"]]
ACTORS, AMOUNTS = ARRAYS["actor"].tolist(), ARRAYS["amount"].tolist()
# river's windows are open at their beginning, ours are closed: times are whole microseconds
PERIODS = [dt.timedelta(seconds=int(one), microseconds=1) for one in ARRAYS["windows"]]


def windows():
    """The state of a new actor."""
    return [utils.TimeRolling(stats.Mean, period=period) for period in PERIODS]


def leanest():
    """Each event's counts and sums before it, of one rolling mean per actor and window."""
    state, rows = defaultdict(windows), []
    for moment, actor, amount in zip(TIMES, ACTORS, AMOUNTS, strict=True):
        row = []
        for one in state[actor]:
            one.update(amount, t=moment)
            number, mean = one.obj.n, one.obj.get()
            row.append(number - 1)
            row.append(number * mean - amount)
        rows.append(row)
    return rows


def documented():
    """The same and the means, of the aggregates that its pages show: told the event, then asked."""
    each = [
        fx.Agg(on=on, by="actor", how=utils.TimeRolling(kind, period=period))
        for period in PERIODS
        for on, kind in (("one", stats.Sum), ("amount", stats.Sum), ("amount", stats.Mean))
    ]
    rows = []
    for moment, actor, amount in zip(TIMES, ACTORS, AMOUNTS, strict=True):
        x, row = {"actor": actor, "amount": amount, "one": 1.0}, []
        for one in each:
            one.learn_one(x, t=moment)
            row.extend(one.transform_one(x).values())
        rows.append([row[i] - (1.0, amount)[i % 3] for i in range(len(row)) if i % 3 < 2])
    return rows


WAYS = {"leanest": leanest, "documented": documented}


def run(way):
    """Seconds of processor time for all events; their numbers, [events, windows, 2], go to a file."""
    start = time.process_time()
    rows = WAYS[way]()
    seconds = time.process_time() - start
    np.save(sys.argv[2], np.array(rows).reshape(len(rows), len(PERIODS), 2))
    return {"seconds": seconds}


jobs.answer(run)
