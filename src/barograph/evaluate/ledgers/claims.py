"""Claims of a ledger study, held against what came out; then the overall answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from barograph.core.arrays import BoolArray
from barograph.core.errors import SettingError, unknown
from barograph.core.ledger_study import LedgerClaim, LedgerStudy, LossMetric
from barograph.core.ledger_table import PARTS, LedgerRecord, Part
from barograph.core.results import ClaimResult, Comparison, Standing, Verdict
from barograph.core.texts import text
from barograph.evaluate.ledgers.comparing import ledger_duel
from barograph.evaluate.ledgers.losses import METRICS, blocks, development
from barograph.evaluate.wording import label, p_text

CONVENTION: dict[Part, str] = {"counts": "negative_binomial", "severities": "spliced"}
"""The strongest convention of each part, which networks start from."""
HEADLINE: dict[Part, LossMetric] = {"counts": "count_log_score", "severities": "severity_log_score"}
"""What decides each part."""


def judge_ledgers(
    record: LedgerRecord, study: LedgerStudy, *, lang: str = "en"
) -> tuple[list[ClaimResult], Verdict]:
    """Each claim on each block of held-out years, then the verdict.

    The verdict is about the candidate against negative binomial and spliced severity, in log scores:

    - `worse` if a floor of the candidate does not hold, or it is significantly worse in either part, over all
      years or over the confirming ones;
    - `better` if it is significantly better in a part on the years that decide (the confirming ones; all
      where none chose the recipe; never where all of them did);
    - `indistinguishable` otherwise.

    The champion is a pair: in each part the candidate, or the convention where the candidate broke a floor of
    that part or is worse in it; `deploy.champion` overrides.
    """
    results = [
        _judged(record, study, claim, block, rows, lang)
        for claim in study.evaluate.claims
        for block, rows in blocks(record, record.part(METRICS[claim.metric]), study).items()
    ]
    return results, _verdict(record, study, results, lang)


def champion_of(record: LedgerRecord, name: str) -> tuple[str, str]:
    """The pair that a champion's name stands for: ``counts+severity``, or one model for both parts."""
    first, _, second = name.partition("+")
    pair = record.named(first), record.named(second or first)
    for part, model in zip(PARTS, pair, strict=True):
        if model not in record.part(part).forecasts:
            raise unknown(f"deploy.champion: a model of {part}", model, record.part(part).forecasts)
    return pair


def _judged(
    record: LedgerRecord, study: LedgerStudy, claim: LedgerClaim, block: str, rows: BoolArray, lang: str
) -> ClaimResult:
    model, opponent = record.named(claim.model), record.named(claim.opponent)
    forecasts = record.part(METRICS[claim.metric]).forecasts
    missing = [name for name in (model, opponent) if name not in forecasts]
    common = (claim.key, claim.rung, model, opponent, claim.metric)
    if missing:
        detail = text("ledgers.unjudged", lang, name=missing[0], metric=label("metric", claim.metric, lang))
        return ClaimResult(*common, None, "none", None, None, "indistinguishable", False, block, detail)
    duel = ledger_duel(record, model, opponent, claim.metric, block=block, rows=rows, size=claim.p_value)
    even = math.isnan(duel.test.p_value) and duel.difference == 0.0
    tested = even or not math.isnan(duel.test.p_value)
    held = duel.standing == "better" if claim.kind == "better" else tested and duel.standing != "worse"
    detail = text(
        f"ledgers.detail.{claim.kind}",
        lang,
        model=label("model", model, lang),
        opponent=label("model", opponent, lang),
        metric=label("metric", claim.metric, lang),
        size=f"{claim.p_value:g}",
        difference=f"{duel.difference:+.4g}",
        p=p_text(duel.test.p_value, lang),
        rows=duel.test.n_obs,
    )
    return ClaimResult(
        *common,
        duel.difference if math.isfinite(duel.difference) else None,
        duel.test.name,
        _finite(duel.test.statistic),
        _finite(duel.test.p_value),
        duel.standing,
        held,
        block,
        detail,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _verdict(record: LedgerRecord, study: LedgerStudy, results: Sequence[ClaimResult], lang: str) -> Verdict:
    candidate, chosen = record.named(study.deploy.candidate), study.deploy.champion
    _check_candidate(record, study)
    chose_all = bool(development(record, record.counts, study).all())
    whole = {part: _duel(record, part, candidate, None) for part in PARTS}
    decides = {
        part: whole[part]
        if chose_all
        else _duel(record, part, candidate, ~development(record, record.part(part), study))
        for part in PARTS
    }
    broken = _broken(study, results, candidate)
    fallen = {
        part
        for part in PARTS
        if "worse" in (whole[part].standing, decides[part].standing)
        or any(METRICS[_metric(study, key)] == part for key in broken)
    }
    standing: Standing = "indistinguishable"
    if fallen:
        standing = "worse"
    elif not chose_all and any(one.standing == "better" for one in decides.values()):
        standing = "better"
    pair = [CONVENTION[part] if part in fallen else candidate for part in PARTS]
    champion = "+".join(champion_of(record, chosen) if chosen != "auto" else pair)
    worst = any(one.standing == "worse" for one in whole.values())
    shown = whole if standing == "worse" and worst else decides
    values = {"candidate": label("model", candidate, lang), "claims": ", ".join(broken)}
    for part, one in shown.items():
        values |= {
            f"{part}_difference": f"{one.difference:+.4f}",
            f"{part}_p": p_text(one.test.p_value, lang),
        }
        values |= {f"{part}_rows": str(one.test.n_obs)}
    sentences = [text(f"ledgers.sentence.{'no_floor' if broken else standing}", lang, **values)]
    if chose_all:
        sentences.append(text("ledgers.sentence.unconfirmed", lang))
    key = "ledgers.sentence.chosen" if chosen != "auto" else "ledgers.sentence.champion"
    sentences.append(text(key, lang, champion=pair_label(champion, lang)))
    return Verdict(standing, champion, (" " if lang == "en" else "").join(sentences))


def pair_label(champion: str, lang: str) -> str:
    """A champion's pair in words."""
    counts, _, severity = champion.partition("+")
    return text(
        "ledgers.pair", lang, counts=label("model", counts, lang), severity=label("model", severity, lang)
    )


def _duel(record: LedgerRecord, part: Part, candidate: str, rows: BoolArray | None) -> Comparison:
    return ledger_duel(record, candidate, CONVENTION[part], HEADLINE[part], rows=rows)


def _check_candidate(record: LedgerRecord, study: LedgerStudy) -> None:
    """The candidate must forecast both parts, and the conventions must run."""
    candidate = record.named(study.deploy.candidate)
    both = (*record.networks, *record.controls)
    if candidate not in both:
        raise unknown("deploy.candidate", candidate, ("network", *both))
    for part, name in CONVENTION.items():
        if name not in record.part(part).forecasts:
            raise SettingError(
                f"model.baselines must name {name}, which the verdict is held against",
                came="it does not",
                do="Add it",
            )


def _metric(study: LedgerStudy, key: str) -> LossMetric:
    return next(claim.metric for claim in study.evaluate.claims if claim.key == key)


def _broken(study: LedgerStudy, results: Sequence[ClaimResult], candidate: str) -> tuple[str, ...]:
    """Keys of the candidate's floors that do not hold over all years or the confirming ones."""
    floors = {claim.key for claim in study.evaluate.claims if claim.rung == "floor"}
    counted = (r for r in results if r.claim in floors and r.block != "development")
    return tuple(dict.fromkeys(r.claim for r in counted if r.model == candidate and not r.held))
