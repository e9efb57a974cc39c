"""A task that a cluster kills for memory again and again is given up, also on a cluster that was there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="no release of Ray for this system")

HERE = Path(__file__).parent
PROGRAM = """
import os, signal, sys
from pathlib import Path
from ray.cluster_utils import Cluster
from ray_tasks import Marked, begun_often
from barograph.core.errors import SettingError
from barograph.core.on_ray import on_ray

signal.signal(signal.SIGALRM, lambda *_: sys.exit("it is tried for ever"))
signal.alarm(120)
node = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
cluster = Cluster(initialize_head=True, head_node_args=node)
os.environ["RAY_ADDRESS"] = cluster.address
try:
    with on_ray(1) as executor:
        print(list(executor.map(begun_often, [Marked(4, Path(sys.argv[1]))])))
except SettingError as error:
    print(error)
finally:
    cluster.shutdown()
"""


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Ray watches memory on Linux only")
def test_a_task_that_is_killed_for_memory_each_time_ends_with_words(tmp_path: Path) -> None:
    """On a node for which any memory is too much."""
    short = {"RAY_memory_usage_threshold": "0.001", "RAY_memory_monitor_refresh_ms": "250"}
    short |= {"RAY_task_oom_retry_delay_base_ms": "10", "RAY_USAGE_STATS_ENABLED": "0"}
    paths = {"PYTHONPATH": os.pathsep.join(map(str, (HERE.parents[1] / "src", HERE.parent, HERE)))}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "begun")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **short, **paths}
    )
    assert "must have the memory that its task needs; memory of its node ran short" in done.stdout, (
        done.stderr
    )
