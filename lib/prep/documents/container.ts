import { addressChanges, settingChanges } from '../changes.ts'
import type { PrepFacts } from '../facts.ts'
import { block, comment, line } from '../node.ts'
import type { Comment } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { checkNote, documentScript } from './document.ts'

/**
 * A backend that is a container with an address of its own in the LAN: an override for Docker Compose. Kernel settings belong
 * to the container's network namespace and are read-only inside, so they are given from outside, before anything runs in it.
 */
export function containerDocument(facts: PrepFacts): PrepScript {
  const { key, vips } = facts
  const six = facts.rip.family === 'ipv6'
  const compose = line`docker compose -f compose.yaml -f tangent-container-${key}.yaml`.text
  return documentScript(facts, {
    system: 'container',
    filename: line`tangent-container-${key}.yaml`,
    title: comment`Direct Server Return with a container as backend: the virtual addresses on lo of its network namespace.`,
    apply: [line`${compose} up -d`],
    check: [line`${compose} exec -T backend-vip sh -s -- --check < tangent-backend-${key}.sh`],
    undo: [line`${compose} rm -sf backend-vip`, line`docker compose -f compose.yaml up -d`],
    notes: [
      comment`- This is for a container with an interface of its own in the LAN (macvlan) that has the address ${facts.rip.text}. A container with`,
      comment`  published ports or with host networking needs none of it: run the Linux script on the host. ipvlan cannot do it: it finds a`,
      comment`  container by the addresses of its interface, and the virtual ones are not there.`,
      checkNote,
      comment`- Put this file beside compose.yaml and write the name that the service has there for "backend", three times.`,
      comment`- backend-vip lives in the network namespace of the backend and adds the addresses there; the backend itself needs no privilege.`,
      comment`- "restart: true" needs Compose 2.17: it makes backend-vip anew with the backend, whose namespace it would lose.`,
      ...orderNotes(six),
      comment`- Kubernetes: with hostNetwork run the Linux script on the node. A pod with an address of its own in the LAN (Multus, macvlan) has`,
      comment`  an init container with NET_ADMIN that runs the "ip" lines below. A Service has no part in it.`,
    ],
    content: [
      { kind: 'block', text: six ? sixHead : fourHead },
      { kind: 'block', text: sidecar },
      ...vips.map((vip) => (six ? line`        ip -6 addr replace ${vip}/128 dev lo preferred_lft 0` : line`        ip -4 addr replace ${vip}/32 dev lo`)),
      line`        exec tail -f /dev/null`,
    ],
    changes: [...settingChanges(facts), ...addressChanges(facts)],
  })
}

function orderNotes(six: boolean): Comment[] {
  if (six) return [comment`- IPv6 needs no ARP settings. Docker may switch IPv6 off on lo; the setting below switches it on.`]
  return [
    comment`- The settings are there before the first process of the container, so before the addresses. Without Compose:`,
    comment`  docker run --sysctl net.ipv4.conf.all.arp_ignore=1 --sysctl net.ipv4.conf.all.arp_announce=2 ...`,
    comment`- In a pod they are securityContext.sysctls, unsafe ones, which the kubelet must allow (--allowed-unsafe-sysctls).`,
  ]
}

const fourHead = block`
services:
  backend:
    sysctls:
      net.ipv4.conf.all.arp_ignore: "1"
      net.ipv4.conf.all.arp_announce: "2"`

const sixHead = block`
services:
  backend:
    sysctls:
      net.ipv6.conf.lo.disable_ipv6: "0"`

const sidecar = block`
  backend-vip:
    image: busybox:stable
    init: true
    restart: unless-stopped
    network_mode: "service:backend"
    depends_on:
      backend:
        condition: service_started
        restart: true
    cap_add:
      - NET_ADMIN
    command:
      - sh
      - -ec
      - |`
