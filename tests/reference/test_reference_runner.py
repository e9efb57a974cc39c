"""The runner itself: a wrong, missing or unclaimed answer must fail, and tolerances mean what cases say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from dispatch import find_handler, merged, words_of_measure
from disputed import DISPUTES
from test_reference_cases import HANDLERS
from test_reference_cases import test_the_product_gives_the_answer_of_the_source as run_case
from tolerance import FLOOR, allowance, bounds_of, differences

DEFAULT_CASES = Path(__file__).parent / "cases"


def cases() -> list[dict[str, Any]]:
    files = sorted(DEFAULT_CASES.glob("*.json"))
    return [case for file in files for case in json.loads(file.read_text(encoding="utf-8"))["cases"]]


def kupiec_case(**changes: Any) -> dict[str, Any]:
    (case,) = [case for case in cases() if case["id"] == "VAR-01"]
    return {**copy.deepcopy(case), **changes}


def test_a_case_that_no_handler_claims_fails() -> None:
    with pytest.raises(AssertionError, match="no handler for the measure 'Tasseography'"):
        run_case(kupiec_case(measure="Tasseography"), DEFAULT_CASES)


@pytest.mark.parametrize(
    "expected", [{"LR": 0.4616}, {"LR": None}, {"LR": "0.46147"}, {"LR": [0.46147]}, {"shape": 1.0}]
)
def test_a_wrong_or_missing_answer_fails(expected: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        run_case(kupiec_case(expected=expected), DEFAULT_CASES)


def test_other_numbers_of_the_same_measure_are_answered() -> None:
    other = {"n": 500, "x": 8, "alpha": 0.01}
    expected = {"LR": 1.5383, "p_value": 0.2149}  # Kupiec's ratio by hand
    run_case(
        kupiec_case(inputs=other, expected=expected, tolerance={"abs": 1e-3}, measure="POF test (Kupiec)"),
        DEFAULT_CASES,
    )


def test_a_data_file_with_other_names_is_read(tmp_path: Path) -> None:
    rows = ["day,pl,risk,shortfall", "1,-3.0,2.0,2.5", "2,0.5,2.0,2.5", "3,1.0,2.0,2.5", "4,-1.0,2.0,2.5"]
    (tmp_path / "mine.csv").write_text("\n".join(rows), encoding="utf-8")
    columns = {"return_column": "pl", "var_column": "risk", "es_column": "shortfall"}
    case = kupiec_case(
        measure="Expected shortfall back-test",
        inputs={"file": "mine.csv", "p": 0.25, **columns},
        expected={"exceptions": 1, "Z1": -0.2, "Z2": -0.2},
        tolerance={"rel": 1e-12},
    )
    run_case(case, tmp_path)


@pytest.mark.parametrize("dispute", DISPUTES, ids=lambda dispute: dispute.case)
def test_a_disputed_case_fails_with_another_wrong_number_and_without_the_dispute(dispute: Any) -> None:
    (case,) = [case for case in cases() if case["id"] == dispute.case]
    branch, leaf = dispute.path
    corrected = copy.deepcopy(case)
    corrected["expected"][branch][leaf] = dispute.expected - 100.0
    with pytest.raises(AssertionError, match=leaf):
        run_case(corrected, DEFAULT_CASES)
    spoilt = copy.deepcopy(case)
    spoilt["expected"]["crit_5pct"]["normal"] = 0.0
    with pytest.raises(AssertionError, match="crit_5pct / normal"):
        run_case(spoilt, DEFAULT_CASES)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_every_number_of_every_case_is_compared(case: dict[str, Any]) -> None:
    """The expected answer passes against itself, and no longer when any one leaf of it is changed."""
    bounds = bounds_of(case["tolerance"])
    assert not list(differences(case["expected"], case["expected"], bounds))
    for path, leaf in leaves(case["expected"]):
        spoilt = copy.deepcopy(case["expected"])
        at = spoilt
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = leaf + 1e6 if isinstance(leaf, (int, float)) else f"not {leaf}"
        assert len(list(differences(case["expected"], spoilt, bounds))) == 1, path


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in leaves(value, (*path, key))]
    if isinstance(tree, list):
        return [leaf for index, value in enumerate(tree) for leaf in leaves(value, (*path, index))]
    return [(path, tree)]


@pytest.mark.parametrize(
    ("tolerance", "path", "allowed"),
    [
        ({"abs": 0.005, "p_abs": 5e-6}, ("p_TBFI",), 5e-6),
        ({"abs": 0.005, "p_abs": 5e-6}, ("LR_TBF",), 0.005),
        ({"rel": 1e-6, "weibull_b_rel": 1e-4}, ("weibull_duration_b",), 2e-4),
        ({"rel": 1e-6, "weibull_LR_abs": 1e-5}, ("weibull_duration_LR",), 1e-5),
        ({"rel": 1e-6, "weibull_LR_abs": 1e-5}, ("weibull_duration_p",), 2e-6),
        ({"rel": 1e-6, "berkowitz_tail_rel": 1e-4}, ("berkowitz_tail5_LR2",), 2e-4),
        ({"crit5_abs": 0.02, "crit001_abs": 0.35}, ("crit_5pct", "t3"), 0.02),
        ({"crit5_abs": 0.02, "crit001_abs": 0.35}, ("crit_0_01pct", "t3"), 0.35),
        ({"crit5_abs": 0.02, "crit001_abs": 0.35}, ("rule_of_thumb", "yellow"), FLOOR),
        ({"cum_abs": 0.006, "multiplier": "exact"}, ("cum_prob_percent", "0"), 0.006),
        ({"cum_abs": 0.006, "multiplier": "exact"}, ("multiplier_basel2", "0"), FLOOR),
        ({"coef_rel": 1e-4, "se_rel": 0.02}, ("mu",), 2e-4),
        ({"coef_rel": 1e-4, "se_rel": 0.02}, ("se_hessian", "mu"), 0.04),
        ({"coef_rel": 1e-4, "llh_abs": 1e-3}, ("log_likelihood",), 1e-3),
        ({"fixed_abs": 1e-12, "large_B_abs": 0.02}, ("large_B_10000_block5", "m1"), 0.02),
        ({"fixed_abs": 1e-12, "large_B_abs": 0.02}, ("T_R_fixed_indices", "m1"), FLOOR),
        ({"rel": 1e-8, "H_rel": 1e-5}, ("H",), 2e-5),
        ({"rel_median": 0.002, "mean_sd_rel": 1e-10}, ("median",), 0.004),
        ({"exact": True}, ("anything",), FLOOR),
    ],
)
def test_a_group_of_a_tolerance_holds_for_the_numbers_it_names(
    tolerance: dict[str, Any], path: tuple[str, ...], allowed: float
) -> None:
    assert allowance(path, 2.0, bounds_of(tolerance)) == pytest.approx(allowed)


def test_words_match_in_any_order_case_and_number() -> None:
    assert words_of_measure("Back-tests of VaR") == {"back", "test", "backtest", "of", "var"}
    assert words_of_measure("VaR back test") == words_of_measure("VaR back-tests")
    assert find_handler("SZEKELY, Acerbi: Z2 critical value", HANDLERS) is HANDLERS["acerbi szekely critical"]
    assert find_handler("Acerbi\u2013Székely Z1", HANDLERS) is HANDLERS["acerbi szekely"]
    assert find_handler("Kupiec non-rejection regions", HANDLERS) is HANDLERS["kupiec region"]
    assert find_handler("a variance", HANDLERS) is None


def test_two_rooms_cannot_claim_the_same_words() -> None:
    def one(inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
        return {}

    with pytest.raises(ValueError, match="two handlers claim 'test Kupiec'"):
        merged([{"kupiec tests": one}, {"test Kupiec": one}])
