"""The training loop: members stacked, one optimiser step for all; checkpoints, prediction and export.

`loop.train_stack` trains, `predict.predict_stack` answers, `export.export_onnx` writes what a bundle serves.
Networks and heads come in as a value (`parts.Catalogue`), since rooms of one floor do not import each other.
"""
