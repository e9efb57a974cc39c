"""Networks whose weights carry a leading member axis, the losses of their heads, and the linear control.

Nothing here knows about data, training or saving. `catalogue` turns a name into a network; `heads` holds
the losses; `baselines` the conventional models.
"""
