# syntax=docker/dockerfile:1
# One image for the web, the scheduler and the migrations; each is another command.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements-s3.txt /tmp/requirements.txt
RUN ["/opt/venv/bin/pip", "install", "--require-hashes", "--only-binary=:all:", "-r", "/tmp/requirements.txt"]

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8501 \
    DATA_DIR=/data
# the folder is made here, so that a fresh volume on it belongs to the same user
RUN groupadd --system --gid 10001 donorcrm \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent donorcrm \
    && install -d -o donorcrm -g donorcrm -m 0700 /data
WORKDIR /srv/donorcrm
COPY --from=build /opt/venv /opt/venv
COPY pyproject.toml ./
COPY .streamlit ./.streamlit
COPY migrations ./migrations
COPY templates ./templates
COPY app ./app
COPY jobs ./jobs
COPY pages ./pages
COPY docs/guide ./docs/guide
# nothing is compiled later: the user below may not write here
RUN ["python", "-m", "compileall", "-q", "app", "jobs", "pages", "migrations"]
# Streamlit's files in compressed form; the first start would make them in every new container
RUN ["python", "-m", "app.static_files"]
USER 10001:10001
# mount a volume at /data where the files in it must stay; the line VOLUME is refused by Railway
EXPOSE 8501
# stops a scheduler in good order: it finishes the job it is at
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8501}/api/v1/health/\", timeout=4)"]
CMD ["python", "-m", "app", "serve"]
