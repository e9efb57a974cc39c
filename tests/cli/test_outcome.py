"""The end of a run: every claim on every block, with the names people use."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from barograph.cli.outcome import claims_table
from barograph.core.results import ClaimResult


def claim(*, block: str, held: bool, p_value: float | None) -> ClaimResult:
    return ClaimResult(
        claim="target-gjr",
        rung="target",
        model="combination",
        opponent="gjr_garch_t",
        metric="qlike",
        difference=-0.01234,
        test="panel_diebold_mariano",
        statistic=-3.1,
        p_value=p_value,
        verdict="better" if held else "indistinguishable",
        held=held,
        block=block,
        detail="",
    )


def printed(lang: str) -> list[str]:
    out = io.StringIO()
    claims = [
        claim(block="development", held=True, p_value=1e-5),
        claim(block="confirmation", held=False, p_value=None),
        claim(block="elsewhere", held=False, p_value=0.04),
    ]
    claims_table(Console(file=out, highlight=False, markup=False), claims, lang)
    return out.getvalue().splitlines()


def test_each_block_of_a_claim_is_a_row_with_what_failed_in_it() -> None:
    rows = [line.split() for line in printed("en")[2:5]]
    model, test = ["combination", "gjr_garch_t", "-0.0123"], ["Panel", "Diebold-Mariano"]
    assert rows[0] == ["target-gjr", "Development", *model, *test, "<", ".001", "better", "yes"]
    assert rows[1] == ["target-gjr", "Confirmation", *model, *test, "–", "indistinguishable", "no"]
    assert rows[2] == ["target-gjr", "elsewhere", *model, *test, ".040", "indistinguishable", "no"]


@pytest.mark.parametrize(("lang", "words"), [("en", "p-value"), ("zh", "无法区分")])
def test_the_table_speaks_the_language_of_the_run(lang: str, words: str) -> None:
    assert words in "\n".join(printed(lang))
