"""The champion refitted on all data: its parts as fitted values and graphs, and its live state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barograph.core.errors import unknown
from barograph.core.fitted import ConformalParameters, FittedValue, GarchParameters, TailParameters
from barograph.core.records import Panel
from barograph.core.study import Study
from barograph.deploy.graph import load_graph
from barograph.deploy.manifest import Combine
from barograph.engines.forecasting.distributions import CONFORMAL_LIMIT, residual_tails
from barograph.engines.forecasting.fit import COMBINATION, CONTROL, WalkForward
from barograph.engines.forecasting.live import EntityState, LiveState, completed, kept_prices
from barograph.engines.forecasting.parts import INPUT_BASELINES, NetworkPart, Parts
from barograph.measures import conformal, tails, variance
from barograph.models.baselines.catalogue import BASELINES
from barograph.models.catalogue import NETWORKS


def combine_of(run: WalkForward, champion: str) -> Combine:
    """How a candidate is made from the refitted parts."""
    if champion in run.out.baselines:
        entry = BASELINES[champion]
        return Combine(kind="baseline", baseline=entry.variance, tail=entry.tail)
    if champion == CONTROL:
        return Combine(kind="control")
    if champion in run.deep.runs:
        return Combine(kind="network", networks=(champion,))
    if champion in run.pools:
        networks = tuple(run.deep.runs) if champion == COMBINATION else ()
        partner = run.pools[champion][-1].models[1]
        return Combine(kind="log_pool", networks=networks, baseline=partner)
    raise unknown("the champion", champion, run.out.distributions)


def refitted_parts(
    run: WalkForward, study: Study, champion: str, combine: Combine, graphs: Mapping[str, bytes]
) -> Parts:
    """The refitted parts, as the answer side will read them."""
    deep = combine.kind != "baseline"
    inputs = run.inputs[-1]
    rate = 0.0 if combine.tail == "historical" else study.train.conformal_rate
    keys = [combine.baseline] if combine.baseline else []
    keys += [key for key in INPUT_BASELINES if deep and key not in keys]
    return Parts(
        combine=combine,
        entities=run.out.samples.entities,
        horizons=run.out.samples.horizons,
        section=study.prepare,
        head=study.model.head,
        baselines={key: _final_values(run, key) for key in keys},
        scalers={
            "features": inputs.features.parameters,
            "channels": inputs.channels.parameters,
            "cross_section": inputs.cross_section.parameters,
        }
        if deep
        else {},
        control=run.controls[-1] if deep else None,
        networks={
            key: NetworkPart(load_graph(content), NETWORKS[key].start) for key, content in graphs.items()
        },
        pool=run.pools[champion][-1] if combine.kind == "log_pool" else None,
        tails={} if combine.tail == "historical" else _tails(run, study, champion, combine),
        conformal=ConformalParameters(rate=rate, limit=CONFORMAL_LIMIT),
    )


def _final_values(run: WalkForward, key: str) -> dict[str, FittedValue]:
    cut = run.folds[-1].fold.cut
    found = {name: run.conventional.at(key, i, cut) for i, name in enumerate(run.out.samples.entities)}
    return {name: value for name, value in found.items() if value is not None}


def _tails(run: WalkForward, study: Study, champion: str, combine: Combine) -> dict[str, TailParameters]:
    """Per entity: the Student t of the refit, or the residuals of the last scored rows, out of sample."""
    samples, out = run.out.samples, run.out
    if combine.tail == "parametric":
        values = _final_values(run, combine.baseline)
        freedom = {n: v.degrees_of_freedom for n, v in values.items() if isinstance(v, GarchParameters)}
        return {name: tails.student_tail(nu, len(samples.horizons)) for name, nu in freedom.items()}
    entities = samples.entity[out.rows]
    places = [np.flatnonzero(entities == n)[-study.train.tail_days :] for n in np.unique(entities)]
    place = np.concatenate(places)
    log_variance = np.log(out.distributions[champion].variance[place])
    made = residual_tails(samples, out.rows[place], log_variance, half_life=study.train.tail_half_life)
    return {samples.entities[number]: tail for number, tail in made.items()}


def live_state(run: WalkForward, parts: Parts, champion: str, panel: Panel) -> LiveState:
    """Each entity at its newest day: filtered variances, and the calibration its scored rows taught."""
    samples, wrapped = run.out.samples, run.wrapped[champion]
    entities = {}
    for row in run.folds[-1].latest:
        number = int(samples.entity[row])
        name, block = samples.entities[number], samples.rows_of(number)
        memories = {
            key: variance.start(values[name], samples.returns[block], samples.proxy[block])
            for key, values in parts.baselines.items()
        }
        calibration = conformal.start(parts.conformal, parts.horizons)
        for place in np.flatnonzero((samples.entity[run.out.rows] == number) & (run.out.rows < row)):
            calibration, _ = conformal.advance(
                calibration,
                lower=wrapped.lower[place],
                upper=wrapped.upper[place],
                outcome=completed(samples, int(run.out.rows[place])),
            )
        entities[name] = EntityState(samples.time[row], memories, calibration)
    return LiveState(kept_prices(parts, panel), entities)
