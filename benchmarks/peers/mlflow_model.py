"""The net as MLflow's own onnx model, for its scoring server: ``python mlflow_model.py GRAPH FOLDER``."""

from __future__ import annotations

import sys

import mlflow.onnx
import onnx


def main() -> None:
    graph, folder = sys.argv[1:]
    providers = ["CPUExecutionProvider"]
    mlflow.onnx.save_model(onnx.load(graph), folder, onnx_execution_providers=providers, pip_requirements=[])


if __name__ == "__main__":
    main()
