"""What closes a scoring report: limits, monitoring, and how to read it."""

from __future__ import annotations

from barograph.evaluate.report.blocks import Block, Bullets, Terms
from barograph.evaluate.report.scoring.content import ScoringContent
from barograph.evaluate.report.scoring.views import findings
from barograph.evaluate.report.words import Words, number

_OF_DEFAULTS = (
    *("auc", "gini", "ks", "h_measure", "average_precision", "brier", "log_loss", "calibration", "slope"),
    *("murphy", "hosmer_lemeshow", "jeffreys", "delong", "classification"),
)
_OF_LOSSES = ("r2", "mae", "spearman", "loss_capture")
_OF_BOTH = ("psi", "expected_loss", "capital", "provisions", "points", "reasons", "vintage")
_OF_PROBABILITIES = (
    *("auc", "average_precision", "brier", "log_loss", "calibration", "slope", "murphy", "hosmer_lemeshow"),
    *("delong", "classification", "psi"),
)
_OF_ALERTS = ("precision_at", "recall_at_rate", "day_bootstrap", "saved", "budget", "detection")
_SHARED = ("p_value", "standing", "seed")


def limits(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """What the model cannot do: limits of the method, then those of this run."""
    method = words.several("credit.limits.both")
    own = words.several(f"credit.limits.{content.target}")
    kinds = [protocol.protocol for protocol in content.protocols]
    time = words(f"credit.limits.{'time' if 'origin' in kinds else 'no_time'}")
    return (Bullets((*own, time, *method, *map(words.note, content.facts.limits))),)


def monitoring(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """What to check in use."""
    values = {
        "watch": number(findings.PSI_WATCH, 2),
        "act": number(findings.PSI_ACT, 2),
        "factor": number(findings.FAR_OFF, 1),
    }
    own = words.several(f"credit.monitoring.{content.target}", **values)
    return (Bullets((*own, *words.several("credit.monitoring.both", **values))),)


def glossary(content: ScoringContent, words: Words) -> tuple[Block, ...]:
    """Terms of the report, one sentence each."""
    own = (*_OF_DEFAULTS, *_OF_BOTH) if content.target == "default" else (*_OF_LOSSES, *_OF_BOTH)
    if content.alerts is not None or content.falls is not None:
        own = _OF_PROBABILITIES
    values = {"reference": words.model(content.reference)}
    terms = [
        (words(f"credit.glossary.{term}.term"), words(f"credit.glossary.{term}.meaning"))
        for term in (*(f"protocol_{p.protocol}" for p in content.protocols), *own)
    ]
    terms += [
        (words(f"alerts.glossary.{term}.term"), words(f"alerts.glossary.{term}.meaning"))
        for term in (_OF_ALERTS if content.alerts is not None else ())
    ]
    terms += [
        (words(f"report.glossary.{term}.term"), words(f"report.glossary.{term}.meaning", **values))
        for term in ("control", "reference", *_SHARED)
    ]
    terms.append((words("credit.glossary.combination.term"), words("credit.glossary.combination.meaning")))
    terms.append((words("credit.glossary.blocks.term"), words("credit.glossary.blocks.meaning")))
    return (Terms(tuple(terms)),)
