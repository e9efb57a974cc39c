"""The least that answers over HTTP from a net: Starlette, `json.loads`, ONNX Runtime, nothing else.

Run as ``python bare.py GRAPH PORT``; a body is ``{"numbers": [...]}``.
"""

from __future__ import annotations

import json
import sys

import numpy as np
import onnxruntime
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def main() -> None:
    graph, port = sys.argv[1:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    async def predict(request: Request) -> JSONResponse:
        numbers = np.array([json.loads(await request.body())["numbers"]])
        return JSONResponse({"probability": float(session.run(None, {"numbers": numbers})[0][0])})

    app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False)


if __name__ == "__main__":
    main()
