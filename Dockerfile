# The image of web server, worker and beat. compose.yaml shows how they go together.
FROM python:3.11-slim AS packages
ARG EXTRAS=""
WORKDIR /app
COPY requirements-uv.txt requirements.txt requirements-s3.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.txt \
    && .venv/bin/uv pip install --no-cache --compile-bytecode --require-hashes -r requirements.txt \
       ${EXTRAS:+-r requirements-$EXTRAS.txt}

FROM packages AS pages
ENV PATH=/app/.venv/bin:$PATH
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json vite.config.ts ./
COPY static static
COPY templates templates
RUN npm run build

FROM python:3.11-slim
RUN useradd --create-home --uid 1000 annotator && install -d -o annotator /app/var /media
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH HOST=0.0.0.0 PORT=8000 VAR=/app/var MEDIA_ROOT=/media PYTHONUNBUFFERED=1
COPY --from=packages /app/.venv .venv
COPY manage.py ./
COPY config config
COPY projects projects
COPY annotator annotator
COPY detectors detectors
COPY templates templates
COPY --from=pages /app/static/dist static/dist
USER annotator
EXPOSE 8000
VOLUME /media
HEALTHCHECK --interval=10s --start-period=30s CMD ["python", "-m", "config.supervisor", "healthy"]
CMD ["python", "-m", "config.supervisor", "web"]
