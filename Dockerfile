FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY app app
COPY adapters adapters
COPY sandbox sandbox
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/creditgraph \
    && /opt/creditgraph/bin/pip install --no-cache-dir --constraint constraints.txt /wheels/*.whl

FROM python:3.12-slim
COPY --from=build /opt/creditgraph /opt/creditgraph
ENV PATH="/opt/creditgraph/bin:$PATH" PYTHONUNBUFFERED=1
RUN install -d -m 700 -o 10001 -g 10001 /var/lib/creditgraph
ENV XDG_DATA_HOME=/var/lib
VOLUME /var/lib/creditgraph
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["creditgraph"]
CMD ["serve"]
