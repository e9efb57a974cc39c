"""Run the studies of this folder at full budget and write docs/evidence.md: claims, figures, failures.

A study whose `collect.source` is a file name is run on that file of the folder given with --data; without it,
the page says that it was not run. A study that is not a shipped one runs as its file says, whatever the
budget. Each runs in a process of its own, so that seconds and memory are its own; one that was interrupted
goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import derived

from barograph.core.scored import Protocol
from barograph.pipeline.settings import load
from barograph.risks.catalogue import RECIPES

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "evidence.md"
RUNS = HERE.parent / "runs" / "evidence"
COMMAND = str(Path(sys.executable).with_name("barograph"))
FILES = (".csv", ".parquet")
FAILED = "Failed: "
PROTOCOLS: Final[tuple[str, ...]] = get_args(Protocol)

Json = Mapping[str, Any]


def main() -> None:
    """Run every study of the folder, or those named, and write the page; leave with 1 if a run failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of own data")
    parser.add_argument("--budget", default="full", choices=("quick", "standard", "full"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="studies, by the names of their files")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    files = {file.stem: file for file in sorted(HERE.glob("*.yaml"))}
    if unknown := set(given.only or ()) - set(files):
        parser.error(f"--only must name studies of {HERE}: {', '.join(files)}; got {', '.join(unknown)}")
    kept = sections_of(given.page.read_text(encoding="utf-8")) if given.page.is_file() else {}
    new = {n: section(files[n], data=given.data, budget=given.budget) for n in given.only or files}
    found = {name: text for name, text in (kept | new).items() if name in files}
    given.page.write_text(page(found[name] for name in sorted(found)), encoding="utf-8")
    print(f"Written: {given.page}")
    sys.exit(any(FAILED in text for text in new.values()))


def sections_of(page: str) -> dict[str, str]:
    """The sections of a page by their headings: what a run of some studies leaves as it was."""
    parts = page.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def section(file: Path, *, data: Path | None, budget: str) -> str:
    """The part of the page on one study."""
    study = load(file)
    source = study.collect.source
    own = source.lower().endswith(FILES)
    table = derived.found(source, data, RUNS / "derived") if own else None
    if own and table is None:
        files = " and ".join(f"`{name}`" for name in derived.needed(source))
        return f"## {file.stem}\n\nNot run: it needs {files} in the folder given as DATA.\n"
    chosen = budget if study.name in RECIPES else study.budget
    command = [COMMAND, "run", str(file), "--json", "--resume", "--out", str(RUNS / f"{file.stem}-{chosen}")]
    # A budget asked for would set back what the file says; the file's own needs no asking.
    command += ["--budget", chosen] if study.name in RECIPES and chosen != study.budget else []
    command += ["--data", str(table)] if table is not None else []
    print(" ".join(command), flush=True)
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        return f"## {file.stem}\n\n{FAILED}{(done.stderr.strip().splitlines() or ['no word'])[-1]}\n"
    return told(file.stem, json.loads(done.stdout), budget=chosen, on=dt.date.today())


def told(name: str, outcome: Json, *, budget: str, on: dt.date) -> str:
    """One study's outcome in words and tables.

    Parameters
    ----------
    name : str
        Heading.
    outcome : mapping
        What `barograph run --json` prints.
    budget : str
        The budget it ran at.
    on : date
        The day it was run.
    """
    data, claims, resumed = outcome["data"], outcome["claims"], outcome["resumed"]
    failed = [f"{claim['claim']} ({claim['block']})" for claim in claims if not claim["held"]]
    lines = [
        f"## {name}",
        "",
        f"Study {outcome['study']}, budget {budget}, champion `{outcome['champion']}`. "
        f"{data['source']}: {data['rows']} rows, hash `{str(data['hash'])[:16]}`. "
        f"{outcome['seconds']:.0f} s, {outcome['peak_rss_mib']:.0f} MiB at the peak, {on.isoformat()}"
        + (
            " (an interrupted run went on: the seconds are those after the interruption)." if resumed else "."
        ),
        "",
        outcome["sentence"],
        "",
        f"Claims that failed: {', '.join(failed) or 'none'}.",
        "",
        *claims_table(claims),
        "",
    ]
    for title, scores in groups(outcome["scores"]).items():
        lines += [f"### {title}", "", *scores_table(scores), ""]
        lines += ["", *blocks_table(scores), ""] if len(blocks(scores)) > 1 else []
    effort = effort_table(outcome)
    return "\n".join([*lines, *(["### What it took", "", *effort, ""] if effort else [])])


def groups(scores: Iterable[Json]) -> dict[str, list[Json]]:
    """The scores of one table each: of a horizon, without its single series, or of a protocol."""
    found: dict[str, list[Json]] = {}
    for score in sorted(scores, key=lambda score: int(score["horizon"])):
        protocol = score["entity"].partition(":")[0]
        if protocol in PROTOCOLS:
            found.setdefault(protocol.replace("_", " ").capitalize(), []).append(score)
        elif not protocol:
            found.setdefault(f"Horizon {score['horizon']}", []).append(score)
    return found


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


def scores_table(scores: Sequence[Json]) -> list[str]:
    """All records, or the mean over series: models down, metrics across; spread over seeds in brackets."""
    whole = [score for score in scores if not block_of(score)]
    return _table(whole, "metric")


def blocks_table(scores: Sequence[Json]) -> list[str]:
    """The first metric again, block by block: models down, blocks across."""
    metric = scores[0]["metric"]
    parts = [dict(score) | {"block": block_of(score)} for score in scores if score["metric"] == metric]
    return [f"{metric} by block:", "", *_table([part for part in parts if part["block"]], "block")]


def blocks(scores: Iterable[Json]) -> list[str]:
    """The blocks of a protocol, in order of appearance."""
    return list(dict.fromkeys(block for score in scores if (block := block_of(score))))


def block_of(score: Json) -> str:
    """`2004` of the entity `origin:2004`; empty for all records together."""
    return str(score["entity"].partition(":")[2])


def _table(scores: Sequence[Json], across: str) -> list[str]:
    models = list(dict.fromkeys(score["model"] for score in scores))
    columns = list(dict.fromkeys(score[across] for score in scores))
    cells = {(score["model"], score[across]): score for score in scores}
    rows = [[model, *(cell(cells.get((model, column))) for column in columns)] for model in models]
    return markdown(("model", *columns), rows)


def effort_table(outcome: Json) -> list[str]:
    """Where a run tells of it: trials and seconds of the search, fits and seconds of all fits, per model."""
    tuning = outcome.get("tuning", {})
    rows = [
        [
            fit["model"],
            str(tuning.get(fit["model"], {}).get("trials", "–")),
            figure(tuning.get(fit["model"], {}).get("seconds")),
            str(fit["fits"]),
            figure(fit["seconds"]),
            "–" if fit["parameters"] is None else f"{fit['parameters']:,}",
        ]
        for fit in outcome.get("fits", ())
    ]
    head = ("model", "trials", "seconds of them", "fits", "seconds of them", "parameters")
    return markdown(head, rows) if rows else []


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


def page(sections: Iterable[str]) -> str:
    """The whole page."""
    opening = (
        "# Evidence\n\n"
        "Written by `make evidence`, section by section as each study was run. The claims stand in the\n"
        "recipes; CHANGELOG.md says which were added, and which settings changed, after a look at results.\n"
        "*Development* names the series or vintages on which a recipe was chosen, *confirmation* the\n"
        "others. A difference is model less opponent: of AUC, R² and Spearman's correlation a positive one\n"
        "is better, of everything else a negative one.\n"
    )
    return "\n".join([opening, *sections])


if __name__ == "__main__":
    main()
