"""Graph features of transfers: `replay_graph` for a table, `GraphState.update` for one; equal to the bit.

The words are those of the event features of cards and terminals; neither needs the other.

Rule of time. The features of a transfer at t rest on its own amount and on transfers at times s with
``t - w <= s < t``. Transfers at the very same time do not see each other, and a path takes strictly rising
times, so the order of equal times cannot matter.

Rule of reach. A path takes only the latest `plan.fan` transfers that an account sent, or received, before t,
whole groups of equal times only. So one transfer costs at most fan² steps for cycles and fan² for
scatter-gather, however large the network. Counts, sums and degrees see every transfer.

Rule of money. Amounts are rounded to whole cents (half to even); sums are sums of whole numbers, and a ratio
is one division of floats.

Rule of lateness. Rows come in order of arrival. A transfer at most `plan.lateness` behind the newest accepted
time is accepted: it gets its features, as of its own time, from all that has arrived, and transfers after it
see it; answers already given stand. One further behind is refused (`too_late`).

Rule of identity. An id that comes again while the first is within the lateness is answered as the first time
and not counted again (`duplicate`). After that its own time is too late; with a newer time it is a new
transfer.

Rule of refusal. `bad_account` (payer or receiver has no name), `bad_time` (outside `earliest` .. `latest`),
`bad_amount` (negative, not finite, or beyond `largest`). What is refused leaves the state as it was and is
counted. A transfer from an account to itself is answered, and moves nothing: no other transfer sees it.
"""
