"""Parting records at random: into parts alike in label and vintage, customers whole, by a seeded hash."""

from __future__ import annotations

import numpy as np

from barograph.core.arrays import FloatArray, IntArray
from barograph.core.record_table import Records
from barograph.core.scored import BagPart
from barograph.core.seeds import seed_of

LABEL_STRATA = 5
"""Quantile groups that stand for the classes where the label is a number (loss given default)."""

WITHOUT_BAG = 5
"""Without a bag one record in so many is held out."""


def hashed(codes: IntArray, seed: int) -> IntArray:
    """A number of each code that depends on nothing but the code and the seed.

    The mixing function of SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number
    generators, figure 19), shifted to be non-negative.

    Parameters
    ----------
    codes : IntArray [n]
    seed : int
        63 bits, as `core.seeds.seed_of` gives them.

    Returns
    -------
    IntArray [n]
        In [0, 2^63); different codes have different 64-bit mixtures.
    """
    z = codes.astype(np.uint64) + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((z ^ (z >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def strata(label: FloatArray, vintage: IntArray) -> IntArray:
    """Code of each record's vintage and label, [n].

    A binary label has two strata; any other is cut at its quintiles.
    """
    known = label[np.isfinite(label)]
    if np.isin(known, (0.0, 1.0)).all():
        level = (label == 1.0).astype(np.int64)
    else:
        cuts = np.quantile(known, np.linspace(0, 1, LABEL_STRATA + 1)[1:-1])
        level = np.searchsorted(cuts, label).astype(np.int64)
    return np.asarray(vintage * (LABEL_STRATA + 1) + level)


def dealt(records: Records, rows: IntArray, label: FloatArray, parts: int, *, seed: int) -> IntArray:
    """Deal rows into parts like cards: stratum by stratum, in the order of a seeded hash of the customer.

    A customer goes where the first of its rows goes, so that customers stay whole and strata are even up to
    the customers that span several.

    Parameters
    ----------
    records : Records
    rows : IntArray [n_rows]
    label : FloatArray [n_records]
        What the strata are made of, with the vintage.
    parts : int
    seed : int

    Returns
    -------
    IntArray [n_rows]
        Part of each row, 0 … parts - 1.
    """
    group, stratum = records.group[rows], strata(label[rows], records.vintage[rows])
    customers, first, of_row = np.unique(group, return_index=True, return_inverse=True)
    order = np.lexsort((hashed(customers, seed_of(seed, "deal")), stratum[first]))
    part = np.empty(customers.size, dtype=np.int64)
    part[order] = np.arange(customers.size) % parts
    return np.asarray(part[of_row])


def held_out(
    records: Records, rows: IntArray, label: FloatArray, *, bag: int, seed: int
) -> tuple[tuple[BagPart, ...], IntArray]:
    """Parts of a bag, each row held out once; without a bag (1) a single part that holds out a fifth.

    Returns
    -------
    parts : tuple of BagPart [bag]
    held : IntArray
        All rows held out in some part, ascending.
    """
    part = dealt(records, rows, label, bag if bag > 1 else WITHOUT_BAG, seed=seed)
    held = [rows[part == turn] for turn in range(bag)]
    return tuple(bag_part(records, rows, one) for one in held), np.sort(np.concatenate(held))


def bag_part(records: Records, rows: IntArray, held: IntArray) -> BagPart:
    """What is held out, and all rows of customers that are not among it to fit on."""
    return BagPart(rows[~np.isin(records.group[rows], records.group[held])], held)
