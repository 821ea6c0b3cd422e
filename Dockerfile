# One image, two commands: `sandbox` (served by default) and `connector`.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/harbor
COPY requirements.lock ./
RUN /opt/harbor/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sandbox sandbox
COPY reference_connector reference_connector
COPY seed seed
# Bytecode is made here, since a start that compiles is three times as slow; what only builds stays behind.
RUN /opt/harbor/bin/pip install --no-deps --no-build-isolation . \
 && /opt/harbor/bin/pip uninstall --yes setuptools pip \
 && python -m compileall -q /opt/harbor/lib

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Harbor sandbox and reference connector" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN rm -rf /usr/local/lib/python3*/site-packages/pip* /usr/local/bin/pip* \
 && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home harbor \
 && install -d -o harbor -g harbor /data
COPY --from=build /opt/harbor /opt/harbor
COPY manifests /opt/harbor/manifests
# Large responses cross glibc's mmap threshold; without these two settings each of them is mapped and unmapped.
ENV PATH=/opt/harbor/bin:$PATH PYTHONUNBUFFERED=1 \
    MALLOC_MMAP_THRESHOLD_=268435456 MALLOC_TRIM_THRESHOLD_=268435456 \
    SANDBOX_DATABASE_URL=sqlite:////data/harbor.sqlite
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=6 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["sandbox", "serve", "--host", "0.0.0.0", "--port", "8000"]
