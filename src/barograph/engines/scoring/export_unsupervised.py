"""The files of a bundle that hold models which never saw a label."""

from __future__ import annotations

from barograph.core.scoring_study import ScoringStudy
from barograph.core.unsupervised import unsupervised_models
from barograph.engines.scoring.feature_columns import FEATURE, NAME
from barograph.engines.scoring.fit import Refit
from barograph.engines.scoring.parts import as_json
from barograph.engines.scoring.unsupervised import UNSUPERVISED, FittedUnsupervised, part_file
from barograph.engines.scoring.unsupervised_fit import read_columns
from barograph.models.scorers import SCORING_CATALOGUE
from barograph.train.export import export_onnx
from barograph.train.stack import TrainedStack


def unsupervised_files(refit: Refit, study: ScoringStudy, models: tuple[str, ...]) -> dict[str, bytes]:
    """Those of a champion's models that never saw a label, and the model behind the anomaly feature.

    Fitted values as arrays; of networks their graph and weights too.
    """
    files: dict[str, bytes] = {}
    about: dict[str, tuple[str, ...]] = {}
    views = refit.bench.views
    for key in models:
        if key not in unsupervised_models(study):
            continue
        for number, (learned,) in enumerate(refit.fitted.learned[key]):
            files |= _model_files(key, number, FittedUnsupervised.from_bytes(learned.artefact))
        about[key] = read_columns(views.encoder, study)
    if about:
        files[UNSUPERVISED] = as_json(about)
    if views.feature is not None:
        files |= _model_files(NAME, 0, views.feature.fitted)
        files[FEATURE] = as_json({"model": views.feature.key, "columns": views.feature.columns})
    return files


def _model_files(key: str, number: int, fitted: FittedUnsupervised) -> dict[str, bytes]:
    files = {part_file(key, number, "npz"): fitted.to_bytes(whole=False)}
    if fitted.stack:
        stack = TrainedStack.from_bytes(fitted.stack)
        graph = export_onnx(stack, range(stack.shape.n_members), catalogue=SCORING_CATALOGUE)
        files[part_file(key, number, "onnx")] = graph.content
        files[part_file(key, number, "safetensors")] = fitted.stack
    return files
