"""A walk-forward with neuralforecast: `cross_validation` that refits at every cut. argv: arrays, window."""

import logging
import sys
import time
import warnings

import jobs
import numpy as np
import pandas as pd
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import HuberLoss
from neuralforecast.models import GRU, LSTM, MLP, TCN

VALUES, WINDOW = np.load(sys.argv[1]), int(sys.argv[2])
FRAME = pd.DataFrame(
    {
        "unique_id": np.repeat(np.arange(len(VALUES)), VALUES.shape[1]),
        "ds": np.tile(np.arange(VALUES.shape[1]), len(VALUES)),
        "y": VALUES.ravel(),
    }
)
DECODER = {"decoder_hidden_size": 32, "decoder_layers": 2}
RECURRENT = {"encoder_n_layers": 1, "encoder_hidden_size": 32, "decoder_activation": "ReLU", **DECODER}
KINDS = {
    "mlp": (MLP, {"num_layers": 2, "hidden_size": 32}),
    "cnn": (
        TCN,
        {
            "kernel_size": 3,
            "dilations": [1, 3, 9, 27],
            "encoder_hidden_size": 32,
            "decoder_activation": "ReLU",
            **DECODER,
        },
    ),
    "gru": (GRU, RECURRENT),
    "lstm": (LSTM, RECURRENT),
}


def walk(network, refits, steps, batch, rate, ahead):
    """Seconds of the whole walk, and forecasts [refits, series, ahead]."""
    kind, own = KINDS[network]
    model = kind(
        h=ahead,
        input_size=WINDOW,
        loss=HuberLoss(delta=1.0),
        max_steps=steps,
        val_check_steps=steps,
        learning_rate=rate,
        windows_batch_size=batch,
        scaler_type="identity",
        random_seed=1,
        alias="net",
        **own,
        **jobs.QUIET,
    )
    start = time.perf_counter()
    out = NeuralForecast([model], freq=1).cross_validation(
        FRAME, n_windows=refits, step_size=ahead, h=ahead, refit=True
    )
    seconds = time.perf_counter() - start
    out = out.sort_values(["cutoff", "unique_id", "ds"])
    return {
        "seconds": seconds,
        "forecasts": out["net"].to_numpy(float).reshape(refits, len(VALUES), ahead).tolist(),
        "weights": sum(one.numel() for one in model.parameters()),
    }


torch.set_num_threads(1)
warnings.simplefilter("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
jobs.answer(walk)
