# Two images out of one build: --target console (unprivileged) and --target agent (changes the kernel of the host).
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# The SQLite driver is compiled where its binary cannot be downloaded.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${NODE_IMAGE} AS base
# The same numbers in both images: the socket's group must mean the same on both sides.
RUN groupadd --gid 10001 tangent \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/tangent --shell /usr/sbin/nologin tangent \
 && install -d -o root -g tangent -m 0750 /run/tangent
ENV NODE_ENV=production TANGENT_SOCKET=/run/tangent/agent.sock

FROM base AS console
RUN install -d -o tangent -g tangent -m 0700 /var/lib/tangent
COPY --from=build /build/.next/standalone/server.js /build/.next/standalone/package.json /opt/tangent/console/
COPY --from=build /build/.next/standalone/node_modules /opt/tangent/console/node_modules
COPY --from=build /build/.next/standalone/.next /opt/tangent/console/.next
COPY --from=build /build/prisma/migrations /opt/tangent/console/prisma/migrations
COPY --from=build /build/prisma/migrate.mjs /opt/tangent/console/prisma/migrate.mjs
COPY --from=build /build/dist/first-run.mjs /build/dist/token.mjs /opt/tangent/console/
RUN install -d -o tangent -g tangent /opt/tangent/console/.next/cache
ENV NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1 HOSTNAME=0.0.0.0 PORT=3000 \
    TANGENT_HOST=0.0.0.0 TANGENT_PORT=3000 TANGENT_STATE_DIR=/var/lib/tangent
WORKDIR /opt/tangent/console
USER tangent
EXPOSE 3000
VOLUME ["/var/lib/tangent"]
CMD ["node", "server.js"]

FROM base AS agent
# The agent starts an nftlb of its own; a second one, as a service, would fight with it over one table.
RUN apt-get update \
 && apt-get install -y --no-install-recommends nftables nftlb iproute2 iputils-arping socat fping \
 && rm -rf /var/lib/apt/lists/* /lib/systemd/system/nftlb.service \
 && install -d -m 0700 /var/lib/tangent-agent
COPY --from=build /build/dist/agent.mjs /build/dist/prober.mjs /build/deploy/agent-health.mjs /opt/tangent/agent/
ENV TANGENT_STATE_DIR=/var/lib/tangent-agent
WORKDIR /opt/tangent/agent
# Root without the right to change owners: with this group it may still give the socket to the console.
USER 0:10001
VOLUME ["/var/lib/tangent-agent", "/run/tangent"]
CMD ["node", "agent.mjs"]
