import { agentStatusSchema } from '#lib/domain/agent-protocol.ts'
import type { DesiredChange } from '#lib/domain/desired.ts'
import type { Fault } from '#lib/domain/fault.ts'
import { askAgent, type AgentFailure, type AgentResult } from './agent.ts'
import { joinChanges, loadDesired } from './desired.ts'
import { singleton } from './singleton.ts'

/** What the agent said last. The observations of single farms are left out: here they would only cost time. */
export type Report = { generation: number; appliedGeneration: number; faults: Fault[] }

/** The last thing known of the agent; both null before the first contact. `at` is monotonic, in milliseconds. */
export type Contact = { report: Report | null; failure: AgentFailure | null; at: number }

type Batch = { change: DesiredChange | 'whole'; done: Promise<Contact>; finish: (contact: Contact) => void }
type Sender = { waiting: Batch | null; busy: boolean; contact: Contact }

const reportSchema = agentStatusSchema.pick({ generation: true, appliedGeneration: true, faults: true }).strip()

/** How long a change waits for the kernel, in milliseconds, and how much of that the agent may use. */
const patience = 5000
const agentPatience = 4500

function sender(): Sender {
  return singleton<Sender>('sender', () => ({ waiting: null, busy: false, contact: { report: null, failure: null, at: 0 } }))
}

/** What is known of the agent without asking it. */
export function lastContact(): Contact {
  return sender().contact
}

/** True while something is on its way to the agent. */
export function isSending(): boolean {
  return sender().busy
}

/** Sends a saved change, or the whole document, and waits for the kernel: at most 5 seconds, then what is known by then is answered. */
export async function deliver(change: DesiredChange | 'whole'): Promise<Contact> {
  const { done } = enqueue(change)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Contact>((resolve) => {
    timer = setTimeout(() => resolve(sender().contact), patience)
  })
  try {
    return await Promise.race([done, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks the agent how far it is. */
export async function refresh(): Promise<Contact> {
  return note(await askAgent('GET', '/v1/status', reportSchema, 2000))
}

/** Changes that come while another is under way travel together in the next request. */
function enqueue(change: DesiredChange | 'whole'): Batch {
  const state = sender()
  if (state.waiting) {
    const waiting = state.waiting
    waiting.change = waiting.change === 'whole' || change === 'whole' ? 'whole' : joinChanges(waiting.change, change) ?? 'whole'
    return waiting
  }
  const batch = newBatch(change)
  state.waiting = batch
  if (!state.busy) void drain(state)
  return batch
}

function newBatch(change: DesiredChange | 'whole'): Batch {
  let finish: Batch['finish'] = () => {}
  const done = new Promise<Contact>((resolve) => {
    finish = resolve
  })
  return { change, done, finish }
}

async function drain(state: Sender): Promise<void> {
  state.busy = true
  try {
    while (state.waiting) {
      const batch: Batch = state.waiting
      state.waiting = null
      batch.finish(await send(batch.change).catch(brokenOff))
    }
  } finally {
    state.busy = false
  }
}

async function send(change: DesiredChange | 'whole'): Promise<Contact> {
  if (change !== 'whole') {
    const result = await askAgent('PATCH', `/v1/desired?wait=${agentPatience}`, reportSchema, patience, change)
    if (result.ok || result.failure.kind !== 'conflict') return note(result)
  }
  return note(await askAgent('PUT', `/v1/desired?wait=${agentPatience}`, reportSchema, 30_000, await loadDesired()))
}

function note(result: AgentResult<Report>): Contact {
  const contact = { report: result.ok ? result.value : null, failure: result.ok ? null : result.failure, at: performance.now() }
  sender().contact = contact
  return contact
}

/** Reading the whole document failed: whoever waits gets an answer, and the next round tries again. */
function brokenOff(): Contact {
  return note({ ok: false, failure: { kind: 'away', message: 'The desired state could not be read from the database.' } })
}
