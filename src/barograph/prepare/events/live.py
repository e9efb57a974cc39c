"""The live state to use here: compiled where the extra `[fast]` is installed, else plain; the same bits."""

from __future__ import annotations

from barograph.core.compiled import has_compiler, late
from barograph.core.fitted_events import EventPlan
from barograph.prepare.events.intake import LiveState
from barograph.prepare.events.state import EventState


def way() -> str:
    """Which of the two a state is here, in words."""
    return "compiled" if has_compiler() else "in plain Python: the extra [fast] is not installed"


def live_state(plan: EventPlan, *, compiled: bool | None = None) -> LiveState:
    """A new state, ready: what is compiled is compiled before the first event.

    Parameters
    ----------
    plan : EventPlan
    compiled : bool, optional
        Whether as machine code; by default where that can be.

    Raises
    ------
    ImportError
        If it is to be compiled and numba is not installed.
    """
    if not (has_compiler() if compiled is None else compiled):
        return EventState(plan)
    state: LiveState = late("barograph.prepare.events.compiled.warm").ready(plan)
    return state
