"""Three factors of a curve: the autoencoder's, principal components, and Nelson-Siegel's, out of sample."""

from __future__ import annotations

import numpy as np
import torch

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.panel_study import PanelStudy
from barograph.core.panel_table import CurveFactors, PanelSamples
from barograph.engines.forecasting.panels.conventional import past_at
from barograph.engines.forecasting.panels.deep import PanelNetworkRun, Scalings
from barograph.engines.forecasting.panels.plan import PanelPlan
from barograph.measures.curves import nelson_siegel
from barograph.measures.panels.factors import factor_states, states
from barograph.models.autoencoder import AutoencoderNetwork
from barograph.models.baselines.panels.factors import fit_pca_var
from barograph.models.level_heads import LEVEL_CATALOGUE
from barograph.prepare.panel_inputs import curve_of
from barograph.prepare.scaler import apply_scaler
from barograph.train.predict import restored

Factors = tuple[FloatArray, FloatArray]
"""Factors ``[n, K]`` and the curve they rebuild ``[n, E_g]``."""


def curve_factors(
    samples: PanelSamples,
    plan: PanelPlan,
    scaling: Scalings,
    study: PanelStudy,
    autoencoder: PanelNetworkRun | None,
) -> CurveFactors | None:
    """Factors of the first curve with enough tenors; None where the panel has none.

    Principal components and autoencoder are those of the plan's first fold, so that all curves after its cut
    are new to them. Nelson-Siegel's factors are least squares on each curve with the study's decay.
    """
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(samples.series):
        groups.setdefault(one.group, []).append(place)
    found = ((group, places, curve_of(samples.series, places)) for group, places in groups.items())
    first = next(((g, places, tenors) for g, places, tenors in found if tenors is not None), None)
    if first is None:
        return None
    group, places, tenors = first
    cut = plan.folds[0].cut
    later = np.arange(cut + 1, samples.time.size)
    known = samples.known[later][:, places]
    loadings = nelson_siegel.loadings(tenors, study.prepare.factor_decay)
    own = states(known, loadings)
    methods: dict[str, Factors] = {"nelson_siegel": (own, own @ loadings.T)}
    methods["pca"] = _components(samples, study, cut, later, places)
    if autoencoder is not None:
        methods["autoencoder"] = _encoded(samples, scaling, autoencoder, later, places)
    return CurveFactors(
        group,
        samples.time[cut],
        tuple(samples.series[place].name for place in places),
        {name: _root((known - rebuilt) ** 2) for name, (_, rebuilt) in methods.items()},
        {name: _explained(own, f) for name, (f, _) in methods.items() if name != "nelson_siegel"},
    )


def _components(
    samples: PanelSamples, study: PanelStudy, cut: int, later: IntArray, places: list[int]
) -> Factors:
    fitted = fit_pca_var(past_at(samples, study, cut))
    state = factor_states(fitted, samples.known[later])
    loadings = fitted.loadings[places]
    mine = np.abs(loadings).sum(axis=0) > 0.0  # factors of this group
    return state[:, mine], fitted.center[places] + state @ loadings.T


def _encoded(
    samples: PanelSamples, scaling: Scalings, run: PanelNetworkRun, later: IntArray, places: list[int]
) -> Factors:
    """The first member's factors, and the mean of what all members of the fold rebuild."""
    network = restored(run.first, catalogue=LEVEL_CATALOGUE)
    if not isinstance(network, AutoencoderNetwork):
        raise TypeError("the run of an autoencoder holds one")
    rows = samples.row(later, places[0])  # the cross-section is that of the group
    channels = apply_scaler(scaling.channels, samples.channels)
    cross = apply_scaler(scaling.cross_section, samples.cross_section[rows])
    steps = rows[:, None] + np.arange(1 - samples.window, 1)
    members = run.first.shape.n_members
    with torch.no_grad():
        latent, rebuilt = network.rebuilt(
            *(
                torch.from_numpy(part.astype(np.float32)).expand(members, *part.shape)
                for part in (channels[steps], cross)
            )
        )
    plain = rebuilt.double().mean(dim=0).numpy() * scaling.cross_section.scale + scaling.cross_section.mean
    names = list(samples.cross_names)
    columns = [names.index(f"level_{samples.series[place].tenor:g}m") for place in places]
    return latent[0].double().numpy(), plain[:, columns]


def _root(square: FloatArray) -> FloatArray:
    """Root mean square of each column without its missing values; NaN where there is none."""
    known = np.isfinite(square)
    mean = np.where(known, square, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), np.sqrt(mean), np.nan)


def _explained(target: FloatArray, factors: FloatArray) -> FloatArray:
    """R² of each column of the target on the factors, by least squares with a constant."""
    rows = np.isfinite(target).all(axis=1) & np.isfinite(factors).all(axis=1)
    if rows.sum() <= factors.shape[1] + 1:
        return np.full(target.shape[1], np.nan)
    design = np.column_stack([np.ones(int(rows.sum())), factors[rows]])
    solution = np.linalg.lstsq(design, target[rows], rcond=None)[0]
    rest = ((target[rows] - design @ solution) ** 2).sum(axis=0)
    whole = ((target[rows] - target[rows].mean(axis=0)) ** 2).sum(axis=0)
    return np.asarray(1.0 - rest / np.where(whole > 0.0, whole, 1.0))
