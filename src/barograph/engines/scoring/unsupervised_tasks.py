"""The tasks of a fold that fit models which never see a label."""

from __future__ import annotations

from barograph.core.places import evenly
from barograph.core.scored import BagPart
from barograph.core.scoring_study import ScoringStudy
from barograph.core.seeds import seed_of
from barograph.core.unsupervised import unsupervised_models
from barograph.engines.scoring.plan import Bench
from barograph.engines.scoring.unsupervised import anomaly_matrix
from barograph.engines.scoring.unsupervised_fit import (
    MOST_FIT,
    MOST_OF,
    MOST_RANKED,
    UnsupervisedTask,
    read_columns,
    usual_places,
)


def unsupervised_tasks(
    bench: Bench, part: BagPart, study: ScoringStudy, *, also: tuple[str, ...] = ()
) -> dict[str, UnsupervisedTask]:
    """Model -> task on one part of the bag.

    A model named among the study's networks, or in `also`, is asked about all rows needed, for it may be
    combined and served; the others about the scored rows alone.

    Parameters
    ----------
    bench : Bench
    part : BagPart
    study : ScoringStudy
    also : tuple of str
        Models that may be served.
    """
    wanted = unsupervised_models(study)
    fully = {key for key in wanted if key in study.model.networks or key in also}
    chosen = [key for key in wanted if key in fully or bench.fold.test_rows.size]
    if not chosen:
        return {}
    matrix = anomaly_matrix(bench.views.encoder, bench.views.coded, read_columns(bench.views.encoder, study))
    usual, held_out = (usual_places(bench.views, rows) for rows in (part.fit_rows, part.holdout_rows))
    made = {}
    for key in chosen:
        rows = bench.needed if key in fully else bench.fold.test_rows
        made[key] = UnsupervisedTask(
            key=key,
            usual=matrix[usual[evenly(usual.size, MOST_OF.get(key, MOST_FIT))]],
            held_out=matrix[held_out[evenly(held_out.size, MOST_RANKED)]],
            asked=matrix[bench.views.places(rows)],
            places=bench.of(rows),
            n_needed=bench.needed.size,
            settings=study.model.settings.get(key, {}),
            train=study.train,
            members=study.model.anomaly_members,
            seed=seed_of(study.train.seed, key, bench.fold.protocol, bench.fold.number),
        )
    return made
