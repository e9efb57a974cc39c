"""The net behind LitServe, as its pages show it: ``python litserve_app.py GRAPH PORT``.

A body is ``{"numbers": [...]}``. LitServe reads the annotations of `decode_request`, so that it has none.
"""

import sys

import litserve
import numpy as np
import onnxruntime


class Net(litserve.LitAPI):
    """One request at a time, in one worker."""

    def setup(self, device):
        """Load the net, in the worker."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        """A body as the net's input."""
        return np.array([request["numbers"]])

    def predict(self, numbers):
        """The figure of the one row."""
        return float(self.session.run(None, {"numbers": numbers})[0][0])

    def encode_response(self, figure):
        """The figure as an answer."""
        return {"probability": figure}


if __name__ == "__main__":
    server = litserve.LitServer(Net(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="error")
