"""The HTTP service: bundles answer in real time, watched and governed. Never imports the training stack."""
