"""Epochs of an MLP with pytorch-tabular. argv: arrays x, y, held-out x and y; batch."""

import sys
import time
import warnings

import jobs
import numpy as np
import pandas as pd
import torch
from pytorch_tabular import TabularModel
from pytorch_tabular.config import DataConfig, OptimizerConfig, TrainerConfig
from pytorch_tabular.models import CategoryEmbeddingModelConfig

ARRAYS, BATCH = np.load(sys.argv[1]), int(sys.argv[2])


def frame(x, y):
    """Columns by name, the label last."""
    return pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])]).assign(y=y[:, 0].astype(int))


def ready():
    """The model's settings and its data, prepared."""
    train, held_out = frame(ARRAYS["x"], ARRAYS["y"]), frame(ARRAYS["held_x"], ARRAYS["held_y"])
    tabular = TabularModel(
        data_config=DataConfig(target=["y"], continuous_cols=list(train.columns[:-1])),
        model_config=CategoryEmbeddingModelConfig(
            task="classification", layers="128-64-32", activation="ReLU", dropout=0.0, learning_rate=1e-3
        ),
        optimizer_config=OptimizerConfig(),
        trainer_config=TrainerConfig(
            batch_size=BATCH,
            accelerator="cpu",
            early_stopping=None,
            checkpoints=None,
            load_best=False,
            progress_bar="none",
            trainer_kwargs={"enable_model_summary": False, "enable_checkpointing": False},
        ),
        verbose=False,
        suppress_lightning_logger=True,
    )
    return tabular, tabular.prepare_dataloader(train, held_out.head(1000), seed=1), held_out


def epochs(passes):
    """Seconds of so many passes, probabilities of the held-out records, and weights."""
    model = TABULAR.prepare_model(DATA)
    start = time.perf_counter()
    TABULAR.train(model, DATA, max_epochs=passes)
    seconds = time.perf_counter() - start
    told = TABULAR.predict(HELD_OUT, progress_bar="none")
    (column,) = [name for name in told.columns if str(name).endswith("1_probability")]
    weights = sum(one.numel() for one in model.parameters() if one.requires_grad)
    return {"seconds": seconds, "probability": told[column].tolist(), "weights": weights}


torch.set_num_threads(1)
warnings.simplefilter("ignore")
TABULAR, DATA, HELD_OUT = ready()
jobs.answer(epochs)
