from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
import yaml
from made_credit import credit_content, loss_content
from made_scores import ERRORS, made_record, made_records, made_scored, made_study

from barograph.core.errors import SettingError
from barograph.core.record_table import RecordSchema
from barograph.core.records import Provenance
from barograph.core.scored import LeakFinding
from barograph.core.scoring_study import ScoringClaim, ScoringStudy
from barograph.evaluate.records.claims import judge
from barograph.evaluate.records.comparing import comparisons
from barograph.evaluate.records.scores import scores
from barograph.evaluate.report import ScoringContent, ScoringFacts, policy_names, render
from barograph.evaluate.report.policy import policy
from barograph.evaluate.report.scoring.gather import Practice, scoring_content
from barograph.evaluate.report.scoring.views import SCORING, findings
from barograph.evaluate.report.views import FORECASTING

HOSTILE = "<script>alert('x')</script>&\"{{7*7}}"
PACKS = policy_names("scoring")


@cache
def made() -> ScoringContent:
    return credit_content()


@cache
def page(lang: str = "en", pack: str = "credit") -> str:
    return render(made(), lang=lang, policy=pack)


class Shown(HTMLParser):
    """Text that a reader sees, headings of sections apart."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.headings: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        if tag not in {"meta", "br"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        here = self._open[-1] if self._open else ""
        if here in {"script", "style"}:
            self.scripts.append(data)
            return
        self.parts.append(data)
        if here == "h2":
            self.headings.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).replace("\u00a0", " ").split())


def body(text: str) -> str:
    """The page without what is the same in every report: style, plotly.js and the drawing script."""
    return text[text.index("<body>") : text.index("<footer>")] + "</body>"


def shown(content: ScoringContent, lang: str = "en") -> str:
    return Shown(body(render(content, lang=lang, policy="credit"))).text


def head(content: ScoringContent) -> str:
    text = shown(content)
    return text[: text.rindex("Claims declared before the results")]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_prints_its_headings_in_order_within_eight_megabytes(lang: str, pack: str) -> None:
    text = page(lang, pack)
    assert len(text.encode()) < 8_000_000
    titles = [section.title[lang] for section in policy(pack, "scoring").sections]
    assert [title for title in Shown(text).headings if title in titles] == titles


@pytest.mark.parametrize("pack", PACKS)
def test_every_pack_prints_every_part_once(pack: str) -> None:
    parts = [part for section in policy(pack, "scoring").sections for part in section.parts]
    assert sorted(parts) == sorted(SCORING.parts)


def test_every_part_named_by_a_pack_is_known_to_its_engine() -> None:
    for edition in (SCORING, FORECASTING):
        for pack in policy_names(edition.engine):
            named = {part for section in policy(pack, edition.engine).sections for part in section.parts}
            assert named <= set(edition.parts)


def test_a_pack_without_headings_for_an_engine_is_refused_with_those_that_have() -> None:
    assert set(PACKS) == {"credit", "general", "model_risk"}
    assert "credit" not in policy_names("forecasting")
    with pytest.raises(SettingError, match="general, model_risk"):
        policy("credit", "forecasting")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("make", [credit_content, loss_content])
def test_no_cell_of_any_table_is_silently_blank(lang: str, make: object) -> None:
    content = made() if make is credit_content else loss_content()
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", body(render(content, lang=lang, policy="credit")), re.S)
    assert len(cells) > 60
    assert not [cell for cell in cells if not cell.strip()]
    assert not [cell for cell in cells if re.fullmatch(r"(<b>)?–(</b>)?(<small>.*</small>)?", cell.strip())]
    assert not re.search(r">\s*(nan|None|inf)\b", "".join(cells))


def test_every_figure_is_plain_json() -> None:
    figures = re.findall(r'<script type="application/json">(.*?)</script>', body(page()), re.S)
    assert len(figures) > 12
    assert all(json.loads(figure)["data"] for figure in figures)


def test_the_summary_says_champion_difference_gini_calibration_claims_and_alarm() -> None:
    text = head(made())
    row = findings.difference(made(), made().headline, "combination", "lightgbm")
    gini = findings.value(made().headline, "combination", "gini")
    fit = findings.calibrated(made().headline, "combination")
    assert row is not None
    assert gini is not None
    assert fit is not None
    for words in (
        "AUC, Combination less LightGBM, the best baseline",
        f"+{row.difference:.4f}",
        f"{gini:.3f}",
        f"{100 * fit.predicted:.1f} % / {100 * fit.observed:.1f} %",
        "4 / 6",
        "at the origin 2 / 2 · retrospective 2 / 4",
        "warns of 1",
        "12 columns read, 3 denied beforehand",
    ):
        assert words in text


def test_the_confirming_blocks_decide_where_there_are_such() -> None:
    first = findings.difference(made(), made().headline, "combination", "lightgbm")
    assert first is not None
    moved = replace(first, block="confirmation", difference=0.0077)
    headline = replace(made().headline, differences=(*made().headline.differences, moved))
    text = head(replace(made(), protocols=(headline, *made().protocols[1:])))
    assert "+0.0077" in text
    assert "on blocks that confirm" in text


def test_a_claim_judged_on_several_parts_counts_once_as_confirmed() -> None:
    claim = made().claims[0]
    parts = tuple(
        replace(claim, block=block, held=held)
        for block, held in (("all", True), ("development", True), ("confirmation", False))
    )
    content = replace(made(), claims=parts)
    assert [found.held for found in findings.decisive_claims(content)] == [False]
    assert "0 / 1" in head(content)
    assert "did not hold: not-worse" in head(content)


def test_the_retrospective_protocol_is_labelled_and_claims_no_calibration() -> None:
    text = shown(made())
    label = "Retrospective – labels matured after the origin, not attainable at the time"
    assert text.count(label) >= 4
    assert "The retrospective protocol is left out here" in text
    part = text[text.index("Predicted and observed") : text.index("Master scale")]
    assert label not in part
    alone = replace(made(), protocols=(made().protocols[1],), claims=())
    assert "No calibration was judged in this run." in shown(alone)
    assert "no protocol of this run claims calibration" in shown(alone)
    assert "Calibration slope" not in "".join(
        re.findall(r"<th [^>]*>(.*?)</th>", body(render(alone, policy="credit")))
    )


@pytest.mark.parametrize(("factor", "said"), [(0.5, "too low"), (1.1, "as they stand"), (2.0, "too high")])
def test_what_the_level_means_follows_from_predicted_and_observed(factor: float, said: str) -> None:
    fits = tuple(replace(row, predicted=factor * row.observed) for row in made().headline.calibration)
    content = replace(made(), protocols=(replace(made().headline, calibration=fits),))
    text = head(content)
    assert said in text[text.index("What it means") : text.index("What to watch")]


def test_what_to_watch_names_leaks_shifts_grades_groups_and_says_so_when_there_is_nothing() -> None:
    text = head(made())
    for words in (
        "warns of: guaranteed_share",
        "PSI of 0.25 or more) in: 2009",
        "owner_sex = not stated",
        "best-of-all",
    ):
        assert words in text
    claims = tuple(replace(claim, held=True) for claim in made().claims)
    headline = replace(made().headline, predicted={}, differences=())
    calm = replace(
        made(), claims=claims, leaks=(), grades=None, stability=None, fairness=(), protocols=(headline,),
        facts=replace(made().facts, confirmation_scored=1),
    )  # fmt: skip
    assert "Nothing of what was judged in this run stands out" in head(calm)


def test_denied_columns_stand_with_their_reason_and_a_silent_alarm_says_so() -> None:
    text = shown(made())
    assert "a charged-off loan's term ends when it does" in text
    quiet = replace(made(), leaks=(LeakFinding("term", "denied", None, None, "Restated."),))
    assert "Silent: none of 12 columns alone" in shown(quiet)
    assert "1 denied beforehand" in head(quiet)


def test_assumptions_are_printed_as_such_unless_read_from_a_column() -> None:
    assert made().portfolio is not None
    text = shown(made())
    part = text[text.index("Assumptions behind the figures") : text.index("Figures by grade")]
    assumed = [item for item in made().portfolio.assumptions if not item.column]
    assert part.count("assumed") == len(assumed)
    assert "column amount" in part
    assert "Small and medium-sized enterprises" in part


def test_a_round_threshold_beside_the_stated_one_is_not_printed_twice() -> None:
    rows = tuple(replace(row, stated=False) for row in made().headline.thresholds)
    headline = replace(
        made().headline, thresholds=(*rows, *(r for r in made().headline.thresholds if r.stated))
    )
    text = shown(replace(made(), protocols=(headline,)))
    part = text[text.index("Combination at other thresholds") : text.index("Risk quantification", 4000)]
    assert part.count("3.12 %") == 1


def test_one_seed_has_no_standard_deviation_and_says_so() -> None:
    one = tuple(replace(spread, seeds=spread.seeds[:1]) for spread in made().headline.seeds)
    assert "There is one seed only." in shown(
        replace(made(), protocols=(replace(made().headline, seeds=one),))
    )


def test_reasons_that_are_not_shown_alone_still_add_up() -> None:
    figures = re.findall(r'<script type="application/json">(.*?)</script>', body(page()), re.S)
    bars = [t for f in figures for t in json.loads(f)["data"] if t.get("orientation") == "h"]
    assert len(bars) == len(made().applicants)
    for bar, applicant in zip(bars, made().applicants, strict=True):
        assert len(bar["x"]) == 11  # base, eight reasons, all others, total
        assert bar["x"][-1] == pytest.approx(applicant.probability, rel=1e-3)
        assert applicant.base + sum(r.effect for r in applicant.reasons) == pytest.approx(
            applicant.probability
        )


def test_a_declined_applicant_is_told_what_would_change_it_or_that_nothing_was_found() -> None:
    text = shown(made())
    assert "employees 6 instead of 1, guaranteed_share 0.85 instead of 0.5 (probability 2.98 %)" in text
    assert text.count("No change of the columns allowed to vary was found") == 1


def test_a_loss_study_has_its_own_figures_and_none_of_a_default_study() -> None:
    text = shown(loss_content())
    for words in (
        "R², Combination less LightGBM",
        "Spearman of the champion",
        "Losses captured",
        "downturn LGD",
    ):
        assert words in text
    for words in ("Master scale", "Share of bads caught", "Hosmer-Lemeshow", "KS"):
        assert words not in text
    assert "The study declares no claims" in text


def test_hostile_words_from_data_are_printed_and_never_run() -> None:
    one = made().applicants[0]
    content = replace(
        made(), question=HOSTILE, event=HOSTILE, reading=(HOSTILE,),
        applicants=(replace(one, record_id=HOSTILE, reasons=(replace(one.reasons[0], value=HOSTILE),)),),
        fairness=(replace(made().fairness[0], column=HOSTILE, group="</script><b>"),),
    )  # fmt: skip
    found = Shown(render(content, policy="credit"))
    code = [script for script in found.scripts if not script.lstrip().startswith("{")]
    assert not any("alert('x')" in script for script in code)
    assert HOSTILE in found.parts


def test_the_settings_printed_are_the_settings_of_the_study() -> None:
    text = re.findall(r"<pre[^>]*>(.*?)</pre>", page(), re.S)[0].replace("&#39;", "'").replace("&#34;", '"')
    assert ScoringStudy.model_validate(yaml.safe_load(text)).model_dump(mode="json") == made().settings


def test_a_run_that_hands_over_little_still_gives_a_whole_report() -> None:
    bare = replace(
        made().headline,
        differences=(),
        thresholds=(),
        roc=(),
        distribution=None,
        predicted={},
        calibration=(),
        bins=(),
        seeds=(),
    )
    content = replace(
        made(), protocols=(bare,), claims=(), facts=ScoringFacts(seconds=1.0), leaks=(), grades=None,
        stability=None, vintages=(), portfolio=None, scorecard=None, applicants=(), fairness=(), reading=(),
    )  # fmt: skip
    text = shown(content)
    for words in (
        "No differences between models",
        "No network with seeds",
        "No training figures",
        "not compared in this run",
    ):
        assert words in text


@pytest.mark.parametrize("standing", ["better", "indistinguishable", "worse"])
def test_each_verdict_has_its_own_meaning(standing: str) -> None:
    said = {
        "better": "met what was declared",
        "indistinguishable": "was not met",
        "worse": "did not hold its floor",
    }
    text = head(replace(made(), verdict=replace(made().verdict, standing=standing)))
    assert said[standing] in text[text.index("What it means") : text.index("What to watch")].split(".")[0]


CLAIM = ScoringClaim(key="up", rung="floor", kind="better", model="ours", opponent="card")


def gathered(**changes: object) -> ScoringContent:
    records = made_records(4000, loss=changes.get("head") == "hurdle_beta")
    protocols = ("origin",) if changes.get("head") else ("origin", "retrospective")
    study = made_study(
        claims=() if changes.get("head") else (CLAIM,), origins=(2004, 2005, 2006), protocols=protocols,
        retrospective=((2000, 2003, 2004, 2005),), **changes,
    )  # fmt: skip
    record = made_record(records, *(made_scored(records, study, ERRORS, protocol=p) for p in protocols))
    record = replace(
        record, cuts={"origin": np.array(["2003-12-31", "2004-12-31", "2005-12-31"], dtype="M8[D]")}
    )
    claims, verdict = judge(record, study)
    return scoring_content(
        record,
        study,
        scores=scores(record, study),
        comparisons=comparisons(record, study),
        claims=claims,
        verdict=verdict,
        provenance=Provenance("made", "CC0", "ab" * 32, records.n, "2000-01-01", "2009-12-31"),
        schema=RecordSchema(records.numeric, records.categorical, dates=("noise",)),
        reading=(),
        facts=ScoringFacts(seconds=1.0),
        lang="en",
        practice=Practice(None, None, (), unlike_by_block={"2004": 0.01, "2005": 0.02, "2006": 0.03}),
    )


@cache
def run() -> ScoringContent:
    return gathered(development=(2004,))


def test_a_judged_run_becomes_a_whole_report_in_both_languages() -> None:
    for lang in ("en", "zh"):
        assert len(render(run(), lang=lang, policy="credit")) > 4_000_000
    assert run().candidate == "ours"
    assert run().reference in {"card", "trees"}
    assert run().development == ("2004",)
    assert run().claim_protocols == {"up": "origin"}
    assert run().unlike == (0.01, 0.02, 0.03)
    assert [fact.kind for fact in run().columns] == ["numeric", "date", "categorical"]


def test_the_area_below_an_averaged_roc_curve_is_the_auc_of_the_table() -> None:
    for protocol in run().protocols:
        for curve in protocol.roc:
            area = float(np.trapezoid(curve.true_positive, curve.false_positive))
            assert area == pytest.approx(findings.value(protocol, curve.model, "auc"), abs=3e-3)
            assert (np.diff(curve.true_positive) >= 0).all()


def test_differences_keep_their_interval_and_part() -> None:
    rows = run().headline.differences
    assert {row.block for row in rows} >= {"", "development", "confirmation", "2004"}
    for row in rows:
        assert row.lower is not None
        assert row.upper is not None
        assert row.lower <= row.difference <= row.upper
    both = findings.value(run().headline, "ours", "auc"), findings.value(run().headline, "card", "auc")
    row = findings.difference(run(), run().headline, "ours", "card")
    assert row is not None
    assert row.difference == pytest.approx(both[0] - both[1])


def test_the_parts_of_the_brier_score_add_up_to_it() -> None:
    for fit in run().headline.calibration:
        brier = findings.value(run().headline, fit.model, "brier")
        assert fit.reliability - fit.resolution + fit.uncertainty + fit.within == pytest.approx(brier)
    assert run().protocols[1].calibration == ()


def test_a_judged_loss_run_captures_all_losses_in_the_end() -> None:
    content = gathered(head="hurdle_beta", candidate="ours")
    assert content.target == "loss"
    assert content.grades is None
    for curve in content.headline.capture:
        assert (curve.captured[0], curve.captured[-1]) == (0.0, pytest.approx(1.0))
    ours, chance = content.headline.capture[0], np.linspace(0, 1, 50)
    assert (np.interp(chance, ours.share, ours.captured) >= chance - 1e-9).all()
    assert "Losses captured" in shown(content)
