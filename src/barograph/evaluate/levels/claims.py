"""Claims of a level study, held against what came out; then the overall answer."""

from __future__ import annotations

import math

import numpy as np

from barograph.core.arrays import BoolArray
from barograph.core.errors import unknown
from barograph.core.level_study import LevelClaim, LevelStudy
from barograph.core.level_table import LevelRecord
from barograph.core.results import ClaimResult, Standing, Verdict
from barograph.core.texts import text
from barograph.evaluate.levels.comparing import level_duel
from barograph.evaluate.levels.losses import blocks, development
from barograph.evaluate.levels.scores import mean_score
from barograph.evaluate.wording import label, p_text


def judge_levels(
    record: LevelRecord, study: LevelStudy, *, lang: str = "en"
) -> tuple[list[ClaimResult], Verdict]:
    """Each claim on each block of origins, then the verdict.

    The verdict is about the candidate at the headline horizon, against the baseline with the smallest CRPS:

    - `worse` if a floor of the candidate does not hold (on all origins or on the confirming ones), or it is
      significantly worse than that baseline;
    - `better` if it is significantly better than that baseline (CRPS, 5 %) on the origins that decide: the
      confirming ones, or all where none chose the recipe; never where all of them did;
    - `indistinguishable` otherwise.

    The champion is the candidate, unless the standing is `worse`: then that baseline; `deploy.champion`
    overrides.
    """
    parts = blocks(record, study)
    results = [
        _judged(record, study, claim, block, rows, lang)
        for claim in study.evaluate.claims
        for block, rows in parts.items()
    ]
    return results, _verdict(record, study, results, lang)


def _named(record: LevelRecord, name: str) -> str:
    """`network` stands for the first network of the study."""
    return record.networks[0] if name == "network" and record.networks else name


def _judged(
    record: LevelRecord, study: LevelStudy, claim: LevelClaim, block: str, rows: BoolArray, lang: str
) -> ClaimResult:
    model, opponent = _named(record, claim.model), _named(record, claim.opponent)
    missing = [name for name in (model, opponent) if name not in record.forecasts]
    common = (claim.key, claim.rung, model, opponent, claim.metric)
    if missing:
        detail = text("levels.unjudged", lang, name=missing[0])
        return ClaimResult(*common, None, "none", None, None, "indistinguishable", False, block, detail)
    column = record.samples.horizons.index(claim.horizon)
    duel = level_duel(
        record, model, opponent, claim.metric, column, block=block, rows=rows, size=claim.p_value
    )
    even = math.isnan(duel.test.p_value) and duel.difference == 0.0
    tested = even or not math.isnan(duel.test.p_value)
    held = duel.standing == "better" if claim.kind == "better" else tested and duel.standing != "worse"
    detail = text(
        f"levels.detail.{claim.kind}",
        lang,
        model=label("model", model, lang),
        opponent=label("model", opponent, lang),
        metric=label("metric", claim.metric, lang),
        horizon=claim.horizon,
        size=f"{claim.p_value:g}",
        difference=f"{duel.difference:+.4f}",
        p=p_text(duel.test.p_value, lang),
        origins=duel.test.n_obs,
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


def _verdict(record: LevelRecord, study: LevelStudy, results: list[ClaimResult], lang: str) -> Verdict:
    candidate, chosen = study.deploy.candidate, study.deploy.champion
    _check_names(record, study)
    column = record.samples.horizons.index(study.evaluate.headline)
    best, broken = best_baseline(record, column), _broken(study, results)
    chose = development(record, study)
    whole = level_duel(record, candidate, best, "crps", column)
    decides = whole if chose.all() else level_duel(record, candidate, best, "crps", column, rows=~chose)
    standing: Standing = "indistinguishable"
    if broken or whole.standing == "worse":
        standing = "worse"
    elif decides.standing == "better" and not chose.all():
        standing = "better"
    shown = whole if standing == "worse" else decides
    champion = chosen if chosen != "auto" else best if standing == "worse" else candidate
    values = {
        "candidate": label("model", candidate, lang),
        "baseline": label("model", best, lang),
        "claims": ", ".join(broken),
        "difference": f"{shown.difference:+.4f}",
        "p": p_text(shown.test.p_value, lang),
        "origins": shown.test.n_obs,
        "horizon": study.evaluate.headline,
    }
    sentences = [text(f"levels.sentence.{'no_floor' if broken else standing}", lang, **values)]
    if chose.all():
        sentences.append(text("levels.sentence.unconfirmed", lang))
    if chosen != "auto":
        sentences.append(text("levels.sentence.chosen", lang, champion=label("model", champion, lang)))
    return Verdict(standing, champion, (" " if lang == "en" else "").join(sentences))


def _check_names(record: LevelRecord, study: LevelStudy) -> None:
    if study.deploy.candidate not in record.candidates:
        raise unknown("deploy.candidate", study.deploy.candidate, record.candidates)
    if study.deploy.champion not in ("auto", *record.candidates):
        raise unknown("deploy.champion", study.deploy.champion, ("auto", *record.candidates))


def _broken(study: LevelStudy, results: list[ClaimResult]) -> tuple[str, ...]:
    """Keys of the candidate's floors that do not hold on all origins or on the confirming ones."""
    floors = {claim.key for claim in study.evaluate.claims if claim.rung == "floor"}
    counted = (r for r in results if r.claim in floors and r.block != "development")
    return tuple(dict.fromkeys(r.claim for r in counted if r.model == study.deploy.candidate and not r.held))


def best_baseline(record: LevelRecord, column: int) -> str:
    """The baseline with the smallest mean CRPS at a horizon over all scored origins."""

    def rank(name: str) -> float:
        value = mean_score(record, record.forecasts[name], "crps", column)
        return value if np.isfinite(value) else np.inf

    return min(record.baselines, key=rank)
