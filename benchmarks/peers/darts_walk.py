"""A walk-forward with the TCN of Darts: a fresh fit on both series at every cut. argv: arrays, window."""

import logging
import sys
import time
import warnings

import jobs
import numpy as np
import torch
from darts import TimeSeries
from darts.models import TCNModel

VALUES, WINDOW = np.load(sys.argv[1]).astype(np.float32), int(sys.argv[2])


def walk(network, refits, steps, batch, rate, ahead):
    """Seconds of the whole walk, and forecasts [refits, series, ahead]."""
    days, forecasts = VALUES.shape[1], []
    start = time.perf_counter()
    for fold in range(refits):
        known = [TimeSeries.from_values(one[: days - ahead * (refits - fold)]) for one in VALUES]
        model = TCNModel(
            input_chunk_length=WINDOW,
            output_chunk_length=ahead,
            kernel_size=3,
            num_filters=32,
            num_layers=4,
            dilation_base=3,
            dropout=0.0,
            loss_fn=torch.nn.HuberLoss(),
            batch_size=batch,
            n_epochs=steps,
            optimizer_kwargs={"lr": rate},
            random_state=1,
            pl_trainer_kwargs={"max_steps": steps, **jobs.QUIET},
        )
        model.fit(known)
        forecasts.append([one.values()[:, 0].tolist() for one in model.predict(ahead, series=known)])
    seconds = time.perf_counter() - start
    weights = sum(one.numel() for one in model.model.parameters())
    return {"seconds": seconds, "forecasts": forecasts, "weights": weights}


torch.set_num_threads(1)
warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
jobs.answer(walk)
