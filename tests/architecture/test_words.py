"""Every word a person reads goes through core.texts; these tests find what goes past it."""

from __future__ import annotations

import re

import pytest
from literals import SOURCE, Literal, is_prose, literals

from barograph.core.notes import in_language

ROOMS = sorted(path.name for path in SOURCE.iterdir() if path.is_dir() and not path.name.startswith("__"))

ALLOWED = {
    "parts of an error's words, which are English by the house's rule": {
        "api/export.py": ("an export to MLflow", "pip install 'barograph[mlflow]'"),
        "collect/books/banking.py": ("fixed or floating", "asset or liability"),
        "collect/books/table.py": ("one column only",),
        "collect/columns.py": ("did you mean '{}'?", "the table has no other column"),
        "collect/events/limits.py": ("each of the two numbers of {}",),
        "collect/events/own_columns.py": (
            "whether it was a fraud",
            "when it happened",
            "who paid: card or account",
            "how much was paid",
            "which account received",
        ),
        "collect/files.py": (
            "a zip or Excel file",
            "its Parquet content is damaged ({})",
            "Write the file again",
        ),
        "collect/ledgers/danish.py": ("the packaged ledger",),
        "collect/ledgers/simulated.py": ("the simulated ledger",),
        "collect/reading/excel.py": (
            "{}, an Excel file,",
            "Install barograph[data], or save the sheet as CSV",
        ),
        "collect/reading/sql.py": ("pip install sqlalchemy",),
        "collect/reading/web.py": ("an address of the web", "pip install httpx"),
        "collect/records/number_text.py": (
            "its values are in {}",
            "{} of {} values carry a percent sign, the others none",
        ),
        "collect/records/packaged.py": ("these records have no time",),
        "collect/records/terms.py": (
            "Write it as a share of one, or with a percent sign",
            "not be negative: it is an exposure",
            "lie within 0 and 1: it is a loss given default",
            "lie within 0 and 100: it is the years a loan still runs",
            "Write years, not months",
            "not be negative: it is the days past due",
            "Write 0 where none are due",
            "lie within 0 and 1: it is a probability of default",
        ),
        "collect/records/ulb.py": ("the days of these records are made up, only their order is real",),
        "collect/violation.py": ("the price contract",),
        "collect/values.py": ("(beyond any calendar)",),
        "core/banking_book.py": ("the maturity of '{}'", "the next reset of '{}'"),
        "core/errors.py": ("did you mean '{}'?",),
        "core/on_ray.py": ("pip install 'barograph[ray]'",),
        "engines/scoring/live.py": ("time of the label",),
        "engines/scoring/parity.py": ("one by one",),
        "measures/credit/capital.py": ("LGD and its best estimate", "PD and LGD"),
        "measures/curves/compounding.py": (
            "the time of a discount factor",
            "the growth of a period, 1 + rate / periods,",
        ),
        "service/watch/entries.py": (
            'Send XADD … event \'{"event_id": …, "time": …, "actor": …, "amount": …}\', the same as plain '
            'fields, or outcome \'{"event_id": …, "label": 0 or 1}\'',
            "the entry cannot be read: {}. {}.",
        ),
        "core/plain_yaml.py": ("it is nested too deeply",),
        "pipeline/settings.py": ("the value of {}",),
        "pipeline/setting_rules.py": ("the keys of evaluate.claims",),
        "core/section_errors.py": (
            "must be a whole number of ordinary size",
            "must be text",
            "must be a list, such as [a, b]",
            "must be a mapping of keys to values",
            "must be a section of keys and values",
            "must be one of {expected}",
            "must be above {gt}",
            "must be at least {ge}",
            "must be below {lt}",
            "must be at most {le}",
            "must not contain itself",
            "is not usable ({}{})",
        ),
        "pipeline/setting_errors.py": (
            "did you mean '{}'?",
            "Put it in quotes if it is meant as text",
            "Correct it, or leave it out for the default, {}. {}",
        ),
    },
    "words of users' own tables, and of notes, which are looked for": {
        "collect/records/roles.py": ("default payment next month",),
        "collect/records/own.py": ("numbers the records",),
        "collect/records/target.py": ("paid in full", "up to date"),
    },
    "what machines read: style sheets, SQL, sums, hashes, names of tests": {
        "charts/theme.py": (
            "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', sans-serif",
        ),
        "collect/panels/snapshot.py": ("barograph level panel 1 {} {}\n",),
        "collect/reading/sql.py": ("SET TRANSACTION READ ONLY", "no such table"),
        "engines/forecasting/books/currencies.py": ("sk,st,tk->k",),
        "measures/credit/clustered_auc.py": ("dg,fgh,dh->df",),
        "measures/losses/count_fit.py": ("dispersion likelihood ratio",),
        "service/watch/streams.py": ("equal or smaller",),
        "service/watch/worker.py": ("no such key",),
    },
    "the service's log, and why a challenger stops, as the API tells it: English like its names": {
        "service/memory.py": ("refused at recall",),
        "service/moving.py": ("time of the label",),
        "service/rolling.py": (
            "its champion had taken in days or events before it came, and nothing of them is kept: start the "
            "service with --state",
        ),
        "service/shadow.py": (
            "{} requests were waiting for it already",
            "compares no more",
            "it refused what the champion took in: {}",
            "it missed what moved the champion's state: {}",
        ),
    },
    "titles of packaged sources: for readers of the source, printed nowhere": {
        "collect/catalogue.py": (
            "Euro reference rates of the ECB, units per 1 EUR, daily: 17 currencies since 1999, 12 later",
        ),
        "collect/events/catalogue.py": (
            "about 190,000 simulated transfers between 2,500 accounts, laundering among them",
            "about 440,000 simulated payments by 1,500 cards at 3,000 terminals, frauds among them",
        ),
        "collect/records/catalogue.py": (
            "47,878 European card payments of two days in 2013, 492 of them frauds",
            "1,000 German credit applicants of 1973-75, 300 of them bad",
            "US small-business loans that were charged off: share lost",
        ),
    },
    "manifests, comments of YAML and sources of rules: files in English, whoever runs the study": {
        "deploy/manifest.py": (
            "The verdict belongs to the procedure judged out of sample, not to these weights: they were "
            "refitted with the same settings on all data up to the snapshot's end.",
            "A quantile of so rare a year is not testable on this sample.",
        ),
        "measures/backtests/traffic_light.py": (
            "Basel Framework MAR99, version in force since the revised market risk standard (base 1.5)",
        ),
        "collect/contracts/proposal.py": (
            "# ranges and lists are what it holds now. Widen, narrow or remove what should not be promised.",
            "# keys:  # columns that together name a row",
        ),
        "pipeline/study_text.py": ("# {}, budget {}. Edit and run: barograph run FILE",),
        "prepare/events/live.py": ("in plain Python: the extra [fast] is not installed",),
    },
}
"""Why a sentence may stand in the code -> file -> its sentences."""


WHOLE = {
    "govern/migrations/": "SQL",
    "govern/tables/": "SQL",
    "govern/audit/": "what the verification of a journal finds: English, like errors",
    "service/description.py": "the description of the HTTP API, in English like its names",
    "service/operations": "the description of the HTTP API, in English like its names",
    "service/metrics.py": "what Prometheus reads",
    "service/problems.py": "errors, as HTTP tells them",
    "service/app.py": "errors, as HTTP tells them",
    "service/recording.py": "part of an error that is looked for",
    "service/owning.py": "the service's log",
    "service/taking.py": "the service's log",
    "service/shared/": "errors and the service's log, and what Redis reads",
    "collect/records/period_text.py": "names of months in the languages of files",
}
"""Files, or folders of them, that are not prose -> what they are."""
SCRIPT = re.compile(r"redis\.call")


def past_texts(room: str) -> list[Literal]:
    """The prose of a room that has no wording in the other languages."""
    found = [one for one in literals(room) if not one.file.startswith(tuple(WHOLE))]
    samples = [(one, one.words.replace("{}", "7")) for one in found if not SCRIPT.search(one.words)]
    return [one for one, said in samples if in_language(said, "zh") == said]


def allowed() -> set[tuple[str, str]]:
    return {(file, words) for files in ALLOWED.values() for file, all_ in files.items() for words in all_}


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_that_people_read_stands_in_the_code(room: str) -> None:
    found = [one for one in past_texts(room) if (one.file, one.words) not in allowed()]
    hint = (
        "say it by `text` of core.texts, or by `noted` of core.notes where nobody knows the reader; "
        "a note of measures/, which import no texts, needs a wording under notes.test; else add it to ALLOWED"
    )
    assert [f"{one.file}:{one.line}: {one.words}" for one in found] == [], hint


def test_nothing_is_allowed_that_is_not_there() -> None:
    found = {(one.file, one.words) for room in ROOMS for one in past_texts(room)}
    assert sorted(allowed() - found) == []


def test_templates_of_reports_say_nothing_of_their_own() -> None:
    pages = list(SOURCE.rglob("*.j2"))
    assert pages
    code = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<script.*?</script>|<style.*?</style>|<[^>]*>"
    for path in pages:
        bare = re.sub(code, "\n", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert [line for line in bare.splitlines() if is_prose(line)] == [], path.name


def test_a_sentence_is_told_from_names_keys_and_formats() -> None:
    assert is_prose("rows were left out")
    assert is_prose("{}: only {} rows were left out")
    for name in ("gjr_garch_t", "report.summary.title", "VaR 97.5 %", "Kolmogorov-Smirnov (PIT)", "%Y-%m-%d"):
        assert not is_prose(name), name
