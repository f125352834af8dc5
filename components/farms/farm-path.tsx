import { useId } from 'react'
import type { Farm } from '#lib/domain/farm.ts'
import type { FarmStatus, Status } from '#lib/domain/status.ts'
import { statusWord } from '#components/status/status-label.tsx'
import { layoutPath, type Box, type PathBackend, type PathLayout } from './path-layout.ts'
import { endpointText, vipsText } from './words.ts'

const dots: Record<Status, string> = { online: 'fill-ok', degraded: 'fill-warn', draining: 'fill-drain', standby: 'fill-ink-faint', offline: 'fill-ink-faint', error: 'fill-danger', unmonitored: 'fill-ink-faint' }

/** The way of a request and of its reply, with what is active now. */
export function FarmPath({ farm, status }: { farm: Farm; status: FarmStatus | null }) {
  const straight = farm.mode === 'dsr'
  return (
    <figure>
      <Drawing farm={farm} status={status} wide className="mx-auto hidden w-full max-w-[900px] sm:block" />
      <Drawing farm={farm} status={status} wide={false} className="mx-auto w-full max-w-[340px] sm:hidden" />
      <figcaption className="mt-2 flex flex-wrap items-center justify-center gap-x-5 gap-y-1 text-xs text-ink-faint">
        <Legend dashed={false}>Request</Legend>
        <Legend dashed>{straight ? 'Reply, straight to the client' : 'Reply, through the appliance'}</Legend>
      </figcaption>
    </figure>
  )
}

function Legend({ dashed, children }: { dashed: boolean; children: string }) {
  return (
    <span className="inline-flex items-center gap-2">
      <svg aria-hidden viewBox="0 0 28 4" className="h-1 w-7">
        <path d="M0 2H28" strokeWidth="2" strokeDasharray={dashed ? '5 4' : undefined} className={dashed ? 'stroke-ok' : 'stroke-accent'} />
      </svg>
      {children}
    </span>
  )
}

function Drawing({ farm, status, wide, className }: { farm: Farm; status: FarmStatus | null; wide: boolean; className: string }) {
  const id = useId()
  const layout = layoutPath(farm, status, wide)
  const active = layout.backends.filter((backend) => backend.active).map((backend) => backend.name)
  const way = farm.mode === 'dsr' ? 'Replies go from the backends straight to the client.' : 'Replies go back through the appliance.'
  const title = `Requests go from the client to ${vipsText(farm)} on the appliance and on to ${active.length > 0 ? active.join(', ') : 'no backend'}. ${way}`
  return (
    <svg role="img" aria-label={title} viewBox={`0 0 ${layout.width} ${layout.height}`} className={className}>
      <defs>
        <Arrow id={`${id}-request`} className="fill-accent" />
        <Arrow id={`${id}-reply`} className="fill-ok" />
      </defs>
      <g fill="none">
        {layout.idle.map((line) => (
          <path key={line} d={line} className="stroke-line-strong" strokeWidth="1.5" />
        ))}
        {layout.joints.map((line) => (
          <path key={line} d={line} className="stroke-ok" strokeWidth="1.75" strokeDasharray="6 5" />
        ))}
        {layout.replies.map((line) => (
          <path key={line} d={line} className="stroke-ok" strokeWidth="1.75" strokeDasharray="6 5" markerEnd={`url(#${id}-reply)`} />
        ))}
        {layout.requests.map((line) => (
          <path key={line} d={line} className="stroke-accent" strokeWidth="1.75" markerEnd={`url(#${id}-request)`} />
        ))}
      </g>
      <Node box={layout.client} title="Client" detail="" />
      <Node box={layout.appliance} title="Appliance" detail={endpointText(farm)} />
      {layout.backends.map((backend) => (
        <BackendNode key={backend.name} backend={backend} />
      ))}
      <More more={layout.more} />
    </svg>
  )
}

function Arrow({ id, className }: { id: string; className: string }) {
  return (
    <marker id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
      <path d="M0 0.5 8 4 0 7.5z" className={className} />
    </marker>
  )
}

function Frame({ box, faint = false }: { box: Box; faint?: boolean }) {
  return <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="6" strokeWidth="1" className={faint ? 'fill-surface stroke-line' : 'fill-surface stroke-line-strong'} />
}

function Node({ box, title, detail }: { box: Box; title: string; detail: string }) {
  const x = box.x + box.width / 2
  const y = box.y + box.height / 2
  return (
    <g textAnchor="middle">
      <title>{detail ? `${title} ${detail}` : title}</title>
      <Frame box={box} />
      <text x={x} y={detail ? y - 4 : y + 4} className="fill-ink text-[13px] font-semibold">
        {title}
      </text>
      {detail ? (
        <text x={x} y={y + 14} className="fill-ink-soft font-mono text-[11px]">
          {cut(detail, Math.floor(box.width / 7.2))}
        </text>
      ) : null}
    </g>
  )
}

function BackendNode({ backend }: { backend: PathBackend }) {
  const { x, y, width, height, name, address, status, active } = backend
  return (
    <g>
      <title>{`${name} ${address}: ${statusWord(status)}`}</title>
      <Frame box={backend} faint={!active} />
      <circle cx={x + 15} cy={y + height / 2} r="4" className={dots[status]} />
      <text x={x + 28} y={y + 16} className={`text-[12.5px] font-medium ${active ? 'fill-ink' : 'fill-ink-faint'}`}>
        {cut(name, 20)}
      </text>
      <text x={x + 28} y={y + 30} className="fill-ink-faint font-mono text-[10.5px]">
        {cut(address, 33)}
      </text>
      <text x={x + width - 10} y={y + 16} textAnchor="end" className="fill-ink-soft text-[11px]">
        {statusWord(status)}
      </text>
    </g>
  )
}

function More({ more }: { more: PathLayout['more'] }) {
  if (!more) return null
  return (
    <text x={more.x + 28} y={more.y + 22} className="fill-ink-faint text-[12px]">
      and {more.count} more
    </text>
  )
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
