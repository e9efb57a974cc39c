"""Event features, twice: `replay` for a whole table, `EventState.update` for one event; equal to the bit.

Rule of time. The features of an event at time t use its own amount and time and the events of its actor and
of its counterparty at times s with ``t - w <= s < t`` (closed on the left). Events at the very same time do
not see each other, so their order cannot matter. Of one key at most `plan.most` events are looked back on:
the latest before t, whole groups of equal times only. Nothing looks back further than the longest window.

Rule of money. Amounts are rounded to whole cents (half to even); sums are sums of whole numbers, and a mean,
a ratio or a share is one division of floats. So batch and live agree whatever the order of addition.

Rule of lateness. Rows come in order of arrival. An event that is at most `plan.lateness` behind the newest
accepted time is accepted: it gets its features from all that has arrived, and events after it see it; answers
already given stand. One further behind is refused (`too_late`).

Rule of identity. An id that comes again is not counted again: it is answered as the first time (`duplicate`)
while the first is within the lateness; after that, until the id is forgotten (`plan.memory`), it is
refused (`used_id`). Other refusals: `bad_time` (outside `earliest` .. `latest`), `bad_amount` (not finite, or
beyond `largest`). Whatever is refused leaves the state as it was and is counted.

Rule of labels. A label of an event at s, known at k, counts at times t with ``max(k, s + delay) < t``, in the
risk window w while ``t - delay - w <= s``.
"""
