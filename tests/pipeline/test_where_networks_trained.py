"""A run says on which GPU its networks trained, and nothing where that was the processor."""

from __future__ import annotations

import pytest
import torch

from barograph.pipeline import facts
from barograph.pipeline.outcome import passport
from barograph.train.device import CPU
from small_scoring import finished, small_scoring


def test_a_gpu_is_named_in_result_and_manifest_and_a_processor_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome = finished().outcome
    study, ray = small_scoring(train__workers=1), small_scoring(train__engine="ray")
    rest = outcome.provenance, outcome.verdict
    monkeypatch.setattr(facts, "device_of", lambda wanted: CPU)
    usual = facts.versions(study.train)
    assert "GPU" not in passport(study, *rest)["versions"]
    assert "gpu" not in outcome.to_json()
    monkeypatch.setattr(facts, "device_of", lambda wanted: torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "H200")
    named = f"H200, CUDA {torch.version.cuda}"
    assert passport(study, *rest)["versions"] == {**usual, "GPU": named}
    assert outcome.to_json()["gpu"] == named
    assert facts.versions(ray.train) == usual
