"""Scores of records with the autoencoder of PyOD. argv: arrays, batch and passes of the fit."""

import sys
import time
import warnings

import jobs
import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder


def score(batch):
    """Seconds of scoring every record in batches of that size (None: PyOD's own), scores, and weights."""
    start = time.perf_counter()
    scores = MODEL.decision_function(ARRAYS["score"], batch_size=batch)
    seconds = time.perf_counter() - start
    weights = sum(one.numel() for one in MODEL.model.parameters())
    return {"seconds": seconds, "scores": scores.tolist(), "weights": weights}


torch.set_num_threads(1)
warnings.simplefilter("ignore")
ARRAYS = np.load(sys.argv[1])
MODEL = AutoEncoder(
    hidden_neuron_list=[64, 32], epoch_num=int(sys.argv[3]), batch_size=int(sys.argv[2]), random_state=1,
    device="cpu", verbose=0,
).fit(ARRAYS["fit"])  # fmt: skip
MODEL.batch_size = 32  # its default, which it scores with where no other is asked for
jobs.answer(score)
