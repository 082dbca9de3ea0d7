# syntax=docker/dockerfile:1
# One image for `framing serve` and for workers that run `framing archive`: docs/how-to/container.md.
FROM python:3.13-slim AS build
WORKDIR /source
COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
COPY framing framing
ENV PIP_CACHE_DIR=/cache
RUN --mount=type=cache,target=/cache \
    python -m venv /opt/framing \
    && /opt/framing/bin/pip install --disable-pip-version-check -c constraints.txt '.[serve,archive,evaluate,hub]'

FROM python:3.13-slim
COPY --from=build /opt/framing /opt/framing
# Any --user may run it, so what is cached (models of the hub) goes where anyone may write.
ENV PATH=/opt/framing/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin framing
USER 10001
# The build fails if the program can't score.
RUN echo 'The so-called truce held.' | framing score - --format jsonl | grep -q distancing
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["framing"]
CMD ["serve", "--host", "0.0.0.0"]
