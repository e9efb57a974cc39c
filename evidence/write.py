"""Run the studies of this folder at full budget and write docs/evidence.md: claims, figures, failures.

A study whose `collect.source` is a file name is run on that file of the folder given with --data; without it,
the page says that it was not run. A run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from barograph.api.study import run
from barograph.core.errors import InputError
from barograph.pipeline.settings import load

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "evidence.md"
RUNS = HERE.parent / "runs" / "evidence"
FILES = (".csv", ".parquet")

Json = Mapping[str, Any]


def main() -> None:
    """Run every study of the folder and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of own data")
    parser.add_argument("--budget", default="full", choices=("quick", "standard", "full"))
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    sections = [section(file, data=given.data, budget=given.budget) for file in sorted(HERE.glob("*.yaml"))]
    given.page.write_text(page(sections, today=dt.date.today()), encoding="utf-8")
    print(f"Written: {given.page}")


def section(file: Path, *, data: Path | None, budget: str) -> str:
    """The part of the page on one study."""
    source = load(file).collect.source
    own = source.lower().endswith(FILES)
    if own and (data is None or not (data / source).is_file()):
        return f"## {file.stem}\n\nNot run: it needs `{source}` in the folder given as DATA.\n"
    try:
        outcome = run(
            file,
            data=str(data / source) if own and data is not None else None,
            budget=budget,
            out=RUNS / f"{file.stem}-{budget}",
            resume=True,
        )
    except InputError as error:
        return f"## {file.stem}\n\nFailed: {error}\n"
    return told(file.stem, outcome.to_json(), budget=budget)


def told(name: str, outcome: Json, *, budget: str) -> str:
    """One study's outcome in words and tables.

    Parameters
    ----------
    name : str
        Heading.
    outcome : mapping
        What `barograph run --json` prints.
    budget : str
        The budget it ran at.
    """
    data, claims, scores = outcome["data"], outcome["claims"], outcome["scores"]
    failed = [f"{claim['claim']} ({claim['block']})" for claim in claims if not claim["held"]]
    horizons = sorted({score["horizon"] for score in scores})
    return "\n".join(
        [
            f"## {name}",
            "",
            f"Study `{outcome['study']}`, budget {budget}, champion `{outcome['champion']}`. "
            f"{data['source']}: {data['rows']} rows, hash `{str(data['hash'])[:16]}`. "
            f"{outcome['seconds']:.0f} s, {outcome['peak_rss_mib']:.0f} MiB at the peak.",
            "",
            f"Claims that failed: {', '.join(failed) or 'none'}.",
            "",
            *claims_table(claims),
            "",
            *(
                line
                for horizon in horizons
                for line in ("", f"### Horizon {horizon}", "", *scores_table(scores, horizon))
            ),
            "",
        ]
    )


def claims_table(claims: Iterable[Json]) -> list[str]:
    """One row per claim and block, in the order they were stated."""
    head = (
        "claim",
        "block",
        "model",
        "opponent",
        "metric",
        "difference",
        "test",
        "p-value",
        "verdict",
        "held",
    )
    rows = [
        [
            claim["claim"],
            claim["block"],
            claim["model"],
            claim["opponent"] or "–",
            claim["metric"],
            figure(claim["difference"]),
            claim["test"],
            figure(claim["p_value"]),
            claim["verdict"],
            "yes" if claim["held"] else "**no**",
        ]
        for claim in claims
    ]
    return markdown(head, rows)


def scores_table(scores: Sequence[Json], horizon: int) -> list[str]:
    """Means over the series: models down, metrics across; the spread over seeds in brackets."""
    shown = [score for score in scores if score["horizon"] == horizon and not score["entity"]]
    models = list(dict.fromkeys(score["model"] for score in shown))
    metrics = list(dict.fromkeys(score["metric"] for score in shown))
    cells = {(score["model"], score["metric"]): score for score in shown}
    rows = [[model, *(cell(cells.get((model, metric))) for metric in metrics)] for model in models]
    return markdown(("model", *metrics), rows)


def cell(score: Json | None) -> str:
    """A score with its spread over seeds; a dash where the model has none."""
    if score is None or score["value"] is None:
        return "–"
    spread = f" ({figure(score['sd'])})" if score.get("sd") is not None else ""
    return figure(score["value"]) + spread


def figure(value: float | None) -> str:
    """Four significant digits; a dash where there is no figure."""
    return "–" if value is None else f"{value:.4g}"


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table, line by line."""
    body = [f"| {' | '.join(str(text).replace('|', '/') for text in row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body]


def page(sections: Iterable[str], *, today: dt.date) -> str:
    """The whole page."""
    opening = (
        "# Evidence\n\n"
        f"Written by `make evidence` on {today.isoformat()}; nothing here was edited by hand. Claims were\n"
        "stated in the recipes before these results were seen; *development* names the series on which a\n"
        "recipe was chosen, *confirmation* the others. A negative difference is a smaller loss.\n"
    )
    return "\n".join([opening, *sections])


if __name__ == "__main__":
    main()
