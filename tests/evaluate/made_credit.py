"""A made scoring report: loans through a turning cycle, models of different worth, plain figures."""

from __future__ import annotations

import numpy as np

from barograph.core.records import Provenance
from barograph.core.results import ClaimResult, Score, Verdict
from barograph.core.scored import LeakFinding
from barograph.core.scoring_study import ScoringStudy
from barograph.evaluate.records.fairness import FairnessRow
from barograph.evaluate.records.grades import GradeRow
from barograph.evaluate.records.stability import Stability
from barograph.evaluate.records.thresholds import ThresholdRow
from barograph.evaluate.records.vintages import VintageCurve
from barograph.evaluate.report.scoring.content import (
    BlendWeight,
    CalibrationBins,
    CalibrationSummary,
    CalibratorFact,
    ColumnFact,
    GradeTable,
    LossCapture,
    LossScatter,
    ProtocolResults,
    RocCurve,
    ScoreDifference,
    ScoreDistribution,
    ScoringContent,
    ScoringFacts,
    TestBlock,
    TuningFact,
)
from barograph.evaluate.report.scoring.practice import (
    Applicant,
    Assumption,
    Counterfactual,
    GradeRisk,
    Portfolio,
    Reason,
    Scorecard,
    ScorecardRow,
)
from barograph.evaluate.report.study_content import SeedSpread, TrainingFact

ROLES = {
    "combination": "combination",
    "tabm": "network",
    "hazard": "network",
    "linear": "control",
    "scorecard": "baseline",
    "logistic": "baseline",
    "lightgbm": "baseline",
}
NOISE = {
    "combination": 0.75,
    "tabm": 0.85,
    "hazard": 0.9,
    "linear": 1.05,
    "scorecard": 1.15,
    "logistic": 1.1,
    "lightgbm": 0.85,
}
LEVEL = {"hazard": 0.75, "combination": 0.45}  # how much of the turning cycle a model catches up
YEARS = tuple(range(2004, 2011))
TRUE_RATE = (0.040, 0.056, 0.097, 0.174, 0.215, 0.117, 0.082)
KNOWN_RATE = (0.027, 0.026, 0.029, 0.031, 0.036, 0.047, 0.075)
EVENT = "charged off within 36 months of approval; known 36 months after approval, whatever came."


def logit(p: np.ndarray | float) -> np.ndarray:
    return np.log(np.asarray(p) / (1 - np.asarray(p)))


def expit(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def loans(n: int = 2500) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Block, label and predictions of every scored loan."""
    rng = np.random.default_rng(8)
    block = np.repeat(np.arange(len(YEARS)), n)
    risk = 0.9 * rng.standard_normal(block.size)
    true = expit(logit(np.array(TRUE_RATE))[block] + risk - 0.35)
    label = (rng.random(block.size) < true).astype(float)
    known = logit(np.array(KNOWN_RATE))[block]
    gap = logit(np.array(TRUE_RATE))[block] - known
    predicted = {
        m: expit(
            known
            + LEVEL.get(m, 0.0) * gap
            + 0.75 * (risk + s * rng.standard_normal(risk.size)) / (1 + s / 3)
            - 0.3
        )
        for m, s in NOISE.items()
    }
    return block, label, predicted


def auc(label: np.ndarray, p: np.ndarray) -> float:
    ranks = np.empty(p.size)
    ranks[np.argsort(p, kind="stable")] = np.arange(1, p.size + 1)
    bad = label == 1
    return float((ranks[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * (~bad).sum()))


def roc(label: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-p, kind="stable")
    bads, goods = np.cumsum(label[order]), np.cumsum(1 - label[order])
    return np.r_[0.0, goods / goods[-1]], np.r_[0.0, bads / bads[-1]]


def scores_of(model: str, label: np.ndarray, p: np.ndarray, threshold: float, *, sd: bool) -> list[Score]:
    fp, tp = roc(label, p)
    flagged = p >= threshold
    hit = float((flagged & (label == 1)).sum())
    precision, recall = hit / max(flagged.sum(), 1), hit / label.sum()
    area = auc(label, p)
    spread = 0.0021 if sd else None
    found = {
        "auc": area,
        "gini": 2 * area - 1,
        "ks": float(np.max(tp - fp)),
        "h_measure": 0.31 * (2 * area - 1),
        "average_precision": 0.12 + 0.35 * (area - 0.5),
        "brier": float(np.mean((p - label) ** 2)),
        "log_loss": float(-np.mean(label * np.log(p) + (1 - label) * np.log(1 - p))),
        "calibration_slope": 0.78 + 0.2 * (area - 0.6),
        "calibration_intercept": float(logit(label.mean()) - logit(p.mean())),
        "accuracy": float(np.mean(flagged == (label == 1))),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
    }
    rows = [Score(model, m, v, sd=spread if m == "auc" else None) for m, v in found.items()]
    if model == "hazard":
        rows = [
            Score(model, "h_measure", None, note="not computed for a hazard head")
            if r.metric == "h_measure"
            else r
            for r in rows
        ]
    return rows


def compared(label: np.ndarray, predicted: dict[str, np.ndarray], block: str) -> list[ScoreDifference]:
    rows = []
    for opponent in ("lightgbm", "scorecard", "linear"):
        for model in predicted:
            if model == opponent:
                continue
            gap = auc(label, predicted[model]) - auc(label, predicted[opponent])
            error = 0.9 / np.sqrt(label.size * 0.4)
            z = gap / error
            p = float(2 * expit(-1.7 * np.array(abs(z))))
            standing = "indistinguishable" if p > 0.05 else "better" if gap > 0 else "worse"
            ends = (gap - 1.96 * error, gap + 1.96 * error)
            rows.append(ScoreDifference(model, opponent, "auc", gap, *ends, "delong", z, p, standing, block))
    return rows


def bins_of(model: str, label: np.ndarray, p: np.ndarray, n: int = 10) -> CalibrationBins:
    parts = np.array_split(np.argsort(p, kind="stable"), n)
    seen = np.array([label[part].mean() for part in parts])
    half = 1.96 * np.sqrt(np.maximum(seen * (1 - seen), 1e-4) / np.array([part.size for part in parts]))
    return CalibrationBins(
        model, np.array([p[part].mean() for part in parts]), seen, np.maximum(seen - half, 0), seen + half
    )


def threshold_rows(label: np.ndarray, p: np.ndarray, grid: np.ndarray) -> tuple[ThresholdRow, ...]:
    rows = []
    for t in grid:
        flagged = p >= t
        hit = float((flagged & (label == 1)).sum())
        precision = hit / flagged.sum() if flagged.any() else None
        recall = hit / label.sum()
        f1 = (
            None
            if precision is None or precision + recall == 0
            else 2 * precision * recall / (precision + recall)
        )
        below = float(label[~flagged].mean()) if (~flagged).any() else None
        accuracy = float(np.mean(flagged == (label == 1)))
        rows.append(
            ThresholdRow(float(t), float(flagged.mean()), accuracy, precision, recall, f1, below, t == 0.0312)
        )
    return tuple(rows)


def origin() -> ProtocolResults:
    block, label, predicted = loans()
    names = [str(year) for year in YEARS]
    blocks = tuple(
        TestBlock(
            name, 21000 + 9000 * i, int((block == i).sum()), float(label[block == i].mean()), f"{name}-01-01"
        )
        for i, name in enumerate(names)
    )
    threshold = 0.0312
    scores = [
        s for m, p in predicted.items() for s in scores_of(m, label, p, threshold, sd=ROLES[m] == "network")
    ]
    scores += [
        Score(m, "auc", auc(label[block == i], p[block == i]), entity=name)
        for m, p in predicted.items()
        for i, name in enumerate(names)
    ]
    differences = compared(label, predicted, "")
    for i, name in enumerate(names):
        at = block == i
        differences += compared(label[at], {m: p[at] for m, p in predicted.items()}, name)
    p = predicted["combination"]
    edges = np.linspace(0, 0.3, 31)
    shares = [np.histogram(p[label == k], edges)[0] / (label == k).sum() for k in (0, 1)]
    fits = []
    for m, q in predicted.items():
        parts = np.array_split(np.argsort(q), 10)
        reliability = float(np.mean([(q[k].mean() - label[k].mean()) ** 2 for k in parts]))
        resolution = float(np.mean([(label.mean() - label[k].mean()) ** 2 for k in parts]))
        rate = float(label.mean())
        fits.append(
            CalibrationSummary(
                m, float(q.mean()), rate, reliability, resolution, rate * (1 - rate), 0.0004, 812.4, 1e-9
            )
        )
    fits[2] = CalibrationSummary("hazard", fits[2].predicted, fits[2].observed)
    return ProtocolResults(
        protocol="origin",
        blocks=blocks,
        records=label.size,
        outcome=float(label.mean()),
        scores=tuple(scores),
        differences=tuple(differences),
        threshold=threshold,
        thresholds=threshold_rows(
            label, p, np.r_[0.005, 0.01, 0.02, threshold, 0.05, 0.075, 0.1, 0.15, 0.2, 0.999]
        ),
        roc=tuple(
            RocCurve(m, *roc(label, predicted[m])) for m in ("combination", "tabm", "scorecard", "lightgbm")
        ),
        distribution=ScoreDistribution("combination", edges, *shares),
        predicted={
            m: np.array([predicted[m][block == i].mean() for i in range(len(YEARS))])
            for m in ("combination", "scorecard", "hazard")
        },
        calibration=tuple(fits),
        bins=tuple(bins_of(m, label, predicted[m]) for m in ("combination", "scorecard")),
        seeds=tuple(
            SeedSpread(
                m, auc(label, predicted[m]) + np.array([-0.004, -0.001, -0.002]), auc(label, predicted[m])
            )
            for m in ("tabm", "hazard")
        ),
    )


def retrospective() -> ProtocolResults:
    _, label, predicted = loans(1800)
    half = label.size // 2
    names, parts = ("2004-2005", "2006-2007"), (slice(0, half), slice(half, None))
    blocks = tuple(
        TestBlock(name, n, half, float(label[at].mean()))
        for name, n, at in zip(names, (62000, 81000), parts, strict=True)
    )
    scores = [s for m, p in predicted.items() for s in scores_of(m, label, p, 0.05, sd=False)]
    scores += [
        Score(m, "auc", auc(label[at], p[at]), entity=name)
        for m, p in predicted.items()
        for name, at in zip(names, parts, strict=True)
    ]
    return ProtocolResults(
        protocol="retrospective",
        blocks=blocks,
        records=label.size,
        outcome=float(label.mean()),
        scores=tuple(scores),
        differences=tuple(compared(label, predicted, "")),
        threshold=0.05,
        roc=tuple(
            RocCurve(m, *roc(label, predicted[m])) for m in ("combination", "tabm", "scorecard", "lightgbm")
        ),
    )


def grades() -> GradeTable:
    _, label, predicted = loans()
    p = predicted["combination"]
    upper = np.append(np.geomspace(0.008, 0.2, 9), 1.0)
    at = np.searchsorted(upper, p)
    rows = []
    for i in range(10):
        here = at == i
        n, d = int(here.sum()), int(label[here].sum())
        mean = float(p[here].mean()) if n else 0.0
        half = 1.96 * np.sqrt(max(d, 0.5) * max(n - d, 0.5)) / max(n, 1) ** 1.5
        z = (d / max(n, 1) - mean) / max(half / 1.96, 1e-9)
        tail = float(expit(np.array(-1.7 * z))) if n else None
        rate = d / max(n, 1)
        rows.append(
            GradeRow(
                str(i + 1),
                float(upper[i - 1]) if i else 0.0,
                float(upper[i]),
                mean,
                n,
                d,
                max(rate - half, 0.0),
                rate + half,
                tail,
                tail,
            )
        )
    return GradeTable("combination", tuple(rows))


COLUMNS = (
    "amount",
    "sector",
    "state",
    "employees",
    "guaranteed_share",
    "new_business",
    "bank_size",
    "low_doc",
    "franchise",
    "urban",
    "curve_slope",
    "unemployment",
)


def stability() -> Stability:
    rng = np.random.default_rng(4)
    csi = np.abs(0.02 + 0.03 * rng.standard_normal((len(COLUMNS), len(YEARS))))
    csi[-1] = (0.04, 0.05, 0.03, 0.08, 0.24, 0.41, 0.38)
    csi[-2] = (0.05, 0.12, 0.19, 0.22, 0.11, 0.18, 0.16)
    csi[3, 0] = np.nan
    return Stability(
        "combination",
        tuple(str(year) for year in YEARS),
        np.array([np.nan, 0.03, 0.05, 0.09, 0.16, 0.29, 0.21]),
        COLUMNS,
        csi,
    )


def vintages() -> tuple[VintageCurve, ...]:
    months = np.arange(0, 61, 3.0)
    rates = dict(
        zip(
            range(1999, 2011),
            (0.05, 0.06, 0.055, 0.042, 0.04, 0.05, 0.07, 0.12, 0.21, 0.26, 0.14, 0.1),
            strict=True,
        )
    )
    return tuple(
        VintageCurve(
            str(year),
            months[: 21 if year < 2009 else 13],
            rate * (1 - np.exp(-((months / 30) ** 1.8)))[: 21 if year < 2009 else 13],
        )
        for year, rate in rates.items()
    )


def portfolio(table: GradeTable) -> Portfolio:
    rows = []
    for g in table.rows:
        money = 152_000.0 * g.records
        el = 0.45 * g.predicted * money
        capital = 0.08 * money * (0.45 + 5 * g.predicted)
        rows.append(
            GradeRisk(g.name, g.records, money, g.predicted, el, capital, 12.5 * capital, 0.97 * el, 3.4 * el)
        )
    total = GradeRisk(
        "",
        *(sum(getattr(r, k) for r in rows) for k in ("records", "exposure")),
        sum(r.probability * r.exposure for r in rows) / sum(r.exposure for r in rows),
        *(
            sum(getattr(r, k) for r in rows)
            for k in ("expected_loss", "capital", "risk_weighted", "loss_12_months", "loss_lifetime")
        ),
    )
    assumptions = (
        Assumption("asset_class", "sme"),
        Assumption("lgd", "45 %"),
        Assumption("exposure", "amount approved", "amount"),
        Assumption("maturity", "2.5"),
        Assumption("lifetime", "5"),
        Assumption("rate", "5 %"),
        Assumption("turnover", "5 million EUR"),
        Assumption("horizon", "36"),
        Assumption("confidence", "99.9 %"),
    )
    stages = (("1", 16200, 2.45e9, 3.1e7), ("2", 1100, 1.7e8, 1.4e7), ("3", 200, 3e7, 1.3e7))
    return Portfolio(
        "USD",
        assumptions,
        tuple(rows),
        total,
        0.999,
        0.12 * total.exposure,
        stages,
        "Loans are taken as drawn in full.",
    )


def scorecard() -> Scorecard:
    bins = {
        "new_business": (
            ("existing", 0.71, 0.045, 0.31, 12.4),
            ("new", 0.28, 0.083, -0.35, -14.0),
            ("missing", 0.01, 0.06, 0.0, 0.0),
        ),
        "employees": (
            ("≤ 2", 0.33, 0.081, -0.31, -9.8),
            ("(2, 5]", 0.29, 0.062, -0.02, -0.6),
            ("(5, 20]", 0.25, 0.043, 0.36, 11.2),
            ("> 20", 0.13, 0.031, 0.7, 21.9),
        ),
        "sector": (
            ("health, agriculture, manufacturing", 0.21, 0.034, 0.6, 15.1),
            ("professional, wholesale, other services", 0.37, 0.053, 0.14, 3.6),
            ("retail, food, transport, information", 0.42, 0.075, -0.24, -6.0),
        ),
    }
    return Scorecard(
        523.0, 600.0, 30.0, 20.0, tuple(ScorecardRow(c, *row) for c, rows in bins.items() for row in rows)
    )


def applicants() -> tuple[Applicant, ...]:
    weak = (
        Reason("new_business", "yes", 0.061),
        Reason("sector", "food", 0.043),
        Reason("employees", "1", 0.032),
        Reason("unemployment", "9.1", 0.027),
        Reason("amount", "25,000", -0.012),
        Reason("state", "FL", 0.018),
        Reason("guaranteed_share", "0.5", 0.009),
        Reason("low_doc", "no", -0.006),
        Reason("bank_size", "large", 0.004),
        Reason("urban", "yes", 0.001),
        Reason("franchise", "no", -0.001),
        Reason("curve_slope", "2.4", 0.002),
    )
    strong = tuple(
        Reason(r.column, v, -0.2 * abs(r.effect))
        for r, v in zip(
            weak,
            ("no", "health", "34", "4.6", "310,000", "MN", "0.75", "no", "small", "no", "no", "1.1"),
            strict=True,
        )
    )
    middle = tuple(Reason(r.column, r.value, 0.25 * r.effect * (-1) ** i) for i, r in enumerate(weak))

    def total(reasons: tuple[Reason, ...]) -> float:
        return 0.061 + sum(r.effect for r in reasons)

    change = Counterfactual((("employees", "1", "6"), ("guaranteed_share", "0.5", "0.85")), 0.0298)
    return (
        Applicant(
            "loan 8801543009",
            total(weak),
            "10",
            False,
            0.061,
            weak,
            (change,),
            True,
            ("new_business", "employees", "sector"),
        ),
        Applicant(
            "loan 5410923001", total(middle), "6", False, 0.061, middle, (), False, ("sector", "employees")
        ),
        Applicant("loan 1203345002", total(strong), "2", True, 0.061, strong, (), False, ()),
    )


FAIRNESS = (
    FairnessRow("owner_sex", "male", 10400, 0.061, 0.107, 0.38, None, None),
    FairnessRow("owner_sex", "female", 6100, 0.066, 0.112, 0.34, 0.89, -0.031),
    FairnessRow("owner_sex", "not stated", 1000, 0.078, 0.12, 0.26, 0.68, -0.094),
)

LEAKS = (
    LeakFinding(
        "guaranteed_share",
        "alone",
        0.768,
        0.75,
        "Alone it ranks better than a column should; it is set by the programme at approval.",
    ),
    LeakFinding(
        "term", "denied", None, None, "Restated after default: a charged-off loan's term ends when it does."
    ),
    LeakFinding("charge_off_date", "denied", None, None, "The outcome itself."),
    LeakFinding("disbursement_date", "denied", None, None, "Known only after approval."),
)


def claims() -> tuple[ClaimResult, ...]:
    def one(
        key: str,
        rung: str,
        model: str,
        opponent: str,
        metric: str,
        gap: float | None,
        p: float | None,
        held: bool,
        block: str,
        detail: str,
    ) -> ClaimResult:
        standing = "better" if held and gap and gap > 0 else "indistinguishable"
        return ClaimResult(
            key,
            rung,
            model,
            opponent,
            metric,
            gap,
            "delong" if p else "none",
            None if p is None else 2.9,
            p,
            standing,
            held,
            block,
            detail,
        )

    return (
        one(
            "not-worse",
            "floor",
            "tabm",
            "scorecard",
            "auc",
            0.021,
            0.0004,
            True,
            "all",
            "TabM was not to be significantly worse than the scorecard: AUC +0.021, p < 0.001.",
        ),
        one(
            "calibrated",
            "floor",
            "combination",
            "scorecard",
            "brier",
            -0.0021,
            0.003,
            True,
            "all",
            "The combination was to be better calibrated than the scorecard: gap −0.0021, p = 0.003.",
        ),
        one(
            "above-scorecard",
            "floor",
            "tabm",
            "scorecard",
            "auc",
            0.028,
            0.0001,
            True,
            "2004-2005",
            "TabM was to beat the scorecard by 0.005: it does by 0.028.",
        ),
        one(
            "within-booster",
            "target",
            "tabm",
            "lightgbm",
            "auc",
            -0.002,
            0.31,
            True,
            "2006-2007",
            "The interval was to stay above −0.005 below LightGBM: it reaches −0.004.",
        ),
        one(
            "best-of-all",
            "target",
            "combination",
            "",
            "auc",
            None,
            None,
            False,
            "2006-2007",
            "The combination was to be best of all: TabM is ahead by 0.0003.",
        ),
        one(
            "above-booster",
            "moonshot",
            "tabm",
            "lightgbm",
            "auc",
            -0.002,
            0.31,
            False,
            "all",
            "TabM alone was to beat tuned LightGBM: it does not.",
        ),
    )


CLAIM_PROTOCOLS = {
    "not-worse": "origin",
    "calibrated": "origin",
    "above-scorecard": "retrospective",
    "within-booster": "retrospective",
    "best-of-all": "retrospective",
    "above-booster": "retrospective",
}

FACTS = ScoringFacts(
    seconds=268.0,
    peak_memory_mib=2310.0,
    versions={"python": "3.11.9", "torch": "2.13.0", "lightgbm": "4.6.0"},
    confirmation_scored=2,
    training=(
        TrainingFact("tabm", 9, 3, 412.0, 151.2, 61440),
        TrainingFact("hazard", 7, 3, 380.0, 88.0, 64512),
    ),
    limits=("One lender programme only.",),
    made_on="2026-11-22",
    tuning=(
        TuningFact("tabm", 8, 61.0, 0.1312, {"learning_rate": 0.0012, "k": 16, "width": 128}),
        TuningFact(
            "lightgbm", 8, 24.5, 0.1318, {"num_leaves": 15, "learning_rate": 0.034, "min_child_samples": 120}
        ),
    ),
    weights=tuple(
        BlendWeight(str(year), m, w)
        for year in YEARS
        for m, w in (("tabm", 0.55), ("lightgbm", 0.41), ("", -0.04))
    ),
    calibrators=tuple(
        CalibratorFact(str(year), m, "beta", 8200, "a = 0.94, b = 1.02, c = 0.31")
        for year in YEARS
        for m in ("combination", "scorecard")
    ),
)


def credit_content() -> ScoringContent:
    """The whole report of a default study with two protocols."""
    study = ScoringStudy(
        name="credit/default", question="Which loans will be charged off within three years of approval?"
    )
    table = grades()
    sentence = "Combination ranks better than LightGBM, the best conventional model (AUC +0.056, p < 0.001)."
    return ScoringContent(
        name=study.name,
        question=study.question,
        settings=study.model_dump(mode="json"),
        verdict=Verdict("better", "combination", sentence),
        claims=claims(),
        provenance=Provenance(
            "SBA 7(a) and 504 loans, packaged",
            "public domain (US government)",
            "ab" * 32,
            899164,
            "1990-01-02",
            "2010-12-31",
            ("Loans of one programme.",),
        ),
        roles=dict(ROLES),
        candidate="combination",
        reference="lightgbm",
        facts=FACTS,
        target="default",
        event=EVENT,
        protocols=(origin(), retrospective()),
        claim_protocols=dict(CLAIM_PROTOCOLS),
        development=("2004", "2005"),
        columns=tuple(
            ColumnFact(c, "numeric" if i % 2 else "categorical", 0.01 * i, None if i % 2 else 4 + i)
            for i, c in enumerate(COLUMNS)
        ),
        reading=(
            "'amount' was text with a currency sign and was read as numbers.",
            "Dates of two-digit years were read as 1969 to 2068.",
        ),
        leaks=LEAKS,
        grades=table,
        stability=stability(),
        unlike=(0.011, 0.012, 0.014, 0.015, 0.024, 0.052, 0.047),
        vintages=vintages(),
        portfolio=portfolio(table),
        scorecard=scorecard(),
        applicants=applicants(),
        fairness=FAIRNESS,
    )


def loss_content() -> ScoringContent:
    """The whole report of a loss study."""
    rng = np.random.default_rng(6)
    years = [str(year) for year in YEARS]
    block = np.repeat(np.arange(len(years)), 400)
    mean = expit(0.3 + 0.8 * rng.standard_normal(block.size) + 0.1 * block)
    label = np.where(
        rng.random(block.size) < 0.05, 1.0, np.clip(mean + 0.25 * rng.standard_normal(block.size), 0, 0.98)
    )
    roles = {
        "combination": "combination",
        "tabm": "network",
        "linear": "control",
        "ols": "baseline",
        "lightgbm": "baseline",
    }
    predicted = {
        m: np.clip(0.5 + 0.7 * (mean - 0.5) + 0.08 * (i + 1) * rng.standard_normal(mean.size), 0.01, 0.99)
        for i, m in enumerate(roles)
    }

    def scores(at: np.ndarray, entity: str) -> list[Score]:
        rows = []
        for m, p in predicted.items():
            error = label[at] - p[at]
            r2 = 1 - float((error**2).mean() / label[at].var())
            order = np.corrcoef(np.argsort(np.argsort(p[at])), np.argsort(np.argsort(label[at])))[0, 1]
            found = {
                "r2": r2,
                "mae": float(np.abs(error).mean()),
                "spearman": float(order),
                "loss_capture": 0.9 * float(order),
            }
            rows += [Score(m, k, v, entity=entity) for k, v in found.items()]
        return rows

    def capture(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        taken = np.cumsum(label[np.argsort(-p)])
        return np.linspace(0, 1, label.size + 1), np.r_[0.0, taken / taken[-1]]

    everything = np.ones(label.size, dtype=bool)
    results = ProtocolResults(
        protocol="origin",
        blocks=tuple(
            TestBlock(y, 900 + 300 * i, 400, float(label[block == i].mean()), f"{y}-01-01")
            for i, y in enumerate(years)
        ),
        records=label.size,
        outcome=float(label.mean()),
        scores=(*scores(everything, ""), *(s for i, y in enumerate(years) for s in scores(block == i, y))),
        differences=tuple(
            ScoreDifference(
                m,
                "lightgbm",
                "r2",
                0.05 - 0.03 * i,
                None,
                None,
                "none",
                None,
                None,
                "indistinguishable",
                note="no test of R² here",
            )
            for i, m in enumerate(roles)
            if m != "lightgbm"
        ),
        predicted={
            m: np.array([predicted[m][block == i].mean() for i in range(len(years))])
            for m in ("combination", "ols")
        },
        calibration=tuple(
            CalibrationSummary(m, float(p.mean()), float(label.mean())) for m, p in predicted.items()
        ),
        bins=tuple(bins_of(m, label, predicted[m]) for m in ("combination", "ols")),
        capture=tuple(LossCapture(m, *capture(p)) for m, p in predicted.items()),
        scatter=LossScatter("combination", predicted["combination"][:1500], label[:1500]),
    )
    study = ScoringStudy(
        name="credit/lgd", question="How much of a charged-off loan is lost?", model={"head": "hurdle_beta"}
    )
    return ScoringContent(
        name=study.name,
        question=study.question,
        settings=study.model_dump(mode="json"),
        verdict=Verdict(
            "indistinguishable",
            "lightgbm",
            "Combination holds its floor but was not shown to be better than LightGBM.",
        ),
        claims=(),
        provenance=Provenance("SBA loans", "public domain", "cd" * 32, 157558, "1990-01-02", "2010-12-31"),
        roles=dict(roles),
        candidate="combination",
        reference="lightgbm",
        facts=ScoringFacts(seconds=90.0),
        target="loss",
        event="gross charge-off over the disbursed amount of a charged-off loan.",
        protocols=(results,),
        claim_protocols={},
        development=(),
        columns=(ColumnFact("amount", "numeric", 0.0),),
    )
