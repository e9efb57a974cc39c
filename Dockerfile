# The service and the stream worker: what answers, and nothing that trains (no torch).
#   docker build -t barograph .
#   docker run -p 8710:8710 -v "$PWD/runs/demo/bundle:/bundles/market:ro" barograph serve /bundles/market --host 0.0.0.0
FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python -m venv /opt/barograph \
    && /opt/barograph/bin/pip install --no-cache-dir -c constraints.txt '.[postgres,redis,fast]'

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/barograph barograph
COPY --from=build /opt/barograph /opt/barograph
ENV PATH="/opt/barograph/bin:$PATH" OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1
USER 10001
WORKDIR /var/lib/barograph
VOLUME /var/lib/barograph
EXPOSE 8710
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8710/readyz', timeout=2)"]
ENTRYPOINT ["barograph"]
CMD ["--help"]
