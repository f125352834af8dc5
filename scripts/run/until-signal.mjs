import { say } from '../setup/say.mjs'

/** Waits for Ctrl-C or SIGTERM. Output that nobody reads any more is dropped, it must not end what runs. */
export function untilSignal() {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal))
  })
}

/** Stops all of them, the last one first. */
export async function stopAll(running) {
  say('Stopping …')
  for (const each of [...running].reverse()) await each.stop()
  say('Stopped.')
}
