/**
 * What the client program is asked, one JSON object per line on its standard input, and what it answers on its standard output.
 * Addresses of `url` with IPv6 stand in brackets. Times are milliseconds.
 */
export type Ask =
  /** New connection for every request. */
  | { do: 'request'; url: string; count: number; concurrency: number; timeoutMs: number }
  /** Datagrams of `size` bytes or a few; what does not fit into a packet travels in fragments, and so does its answer. */
  | { do: 'udp'; address: string; port: number; count: number; size?: number; timeoutMs: number }
  | { do: 'download'; url: string; timeoutMs: number }
  /** Opens connections and keeps them open under this name. */
  | { do: 'hold'; name: string; url: string; connections: number; timeoutMs: number }
  /** One request on each of the held connections. */
  | { do: 'use'; name: string; timeoutMs: number }
  /** The client's port of each of the held connections. */
  | { do: 'ports'; name: string }
  | { do: 'release'; name: string }
  /** Requests without end, each on a new connection, until `stop`; `report` says what happened since the last report. */
  | { do: 'flow'; name: string; url: string; perSecond: number; timeoutMs: number }
  | { do: 'report'; name: string }
  | { do: 'stop'; name: string }

/** `answered` counts the answers per backend; `failures` has one text per request that had none. */
export type Tally = { answered: Record<string, number>; failures: string[] }
export type Download = { bytes: number; backend: string; ms: number }
/** Per held connection the backend that answered, or null when the connection is broken. */
export type Held = { backends: Array<string | null> }
/** `longestGapMs` is the longest time between two answers. */
export type Report = Tally & { longestGapMs: number }
export type Ports = { ports: number[] }
export type Answer = Tally | Download | Held | Ports | Report | { ok: true }

export type Envelope = { id: number; ask: Ask }
export type Reply = { id: number; answer: Answer } | { id: number; error: string }
