"""Cards and terminals in space: a square of towns and countryside, and which terminals a card can reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from barograph.collect.events.drawing import cumulated, heavy
from barograph.core.arrays import FloatArray, IntArray

SIDE = 100.0
"""Side of the square, km."""
TOWNS = 60
TOWN_SPREAD = 4.0  # km, standard deviation of a town
IN_TOWN = 0.75  # share of cards and terminals that lie in a town
CANDIDATES = 64
"""The most terminals a card chooses among: the nearest within its radius."""
POPULARITY_TAIL, ONLINE_TAIL = 1.5, 3.0  # Pareto exponents of popularity, in shops and online


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where everything is. Terminals 0 … n_shops - 1 stand somewhere; those after them sell online."""

    towns: FloatArray  # [n_towns, 2] km
    town_shares: FloatArray  # [n_towns] cumulative shares of the towns
    shops: FloatArray  # [n_shops, 2] km
    shop_popularity: FloatArray  # [n_shops]
    shop_shares: FloatArray  # [n_shops] cumulative shares of the popularity
    online_shares: FloatArray  # [n_online] cumulative shares of the popularity


def places_of(rng: np.random.Generator, shops: int, online: int) -> Places:
    """Towns, and the terminals spread over them."""
    towns = rng.uniform(0.0, SIDE, (TOWNS, 2))
    shares = cumulated(heavy(rng, TOWNS, POPULARITY_TAIL))
    popularity = heavy(rng, shops, POPULARITY_TAIL)
    remote = heavy(rng, online, ONLINE_TAIL)
    return Places(
        towns,
        shares,
        scattered(rng, towns, shares, shops),
        popularity,
        cumulated(popularity),
        cumulated(remote) if online else remote,
    )


def scattered(rng: np.random.Generator, towns: FloatArray, shares: FloatArray, n: int) -> FloatArray:
    """[n, 2] points, most of them around a town, the others anywhere; km."""
    home = towns[np.searchsorted(shares, rng.random(n) * shares[-1], side="right").clip(0, len(towns) - 1)]
    around = home + TOWN_SPREAD * rng.standard_normal((n, 2))
    anywhere = rng.uniform(0.0, SIDE, (n, 2))
    return np.where(rng.random((n, 1)) < IN_TOWN, around, anywhere).clip(0.0, SIDE)


def reach(places: Places, homes: FloatArray, radius: float) -> tuple[IntArray, FloatArray]:
    """The terminals each card chooses among, and how often.

    The weight of a terminal within the radius is its popularity times ``exp(-2 d / radius)`` at distance d;
    the nearest one is always among them, so that no card is without any.

    Parameters
    ----------
    places : Places
        The terminals.
    homes : ndarray [n_cards, 2]
        Where the cards' holders live, km.
    radius : float
        How far they go, km.

    Returns
    -------
    terminals : ndarray [n_cards, k]
        Nearest first.
    shares : ndarray [n_cards, k]
        Cumulative shares of the weights.
    """
    near = list(range(1, min(CANDIDATES, len(places.shops)) + 1))
    distance, terminals = map(np.asarray, cKDTree(places.shops).query(homes, k=near))
    within = distance <= radius
    within[:, 0] = True
    weight = places.shop_popularity[terminals] * np.exp(-2.0 * (distance - distance[:, :1]) / radius)
    return terminals.astype(np.int64), cumulated(np.where(within, weight, 0.0))
