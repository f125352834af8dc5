const host = /^https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/

/** An address of the console as it can stand in a command, without a slash at its end; null when it is none. */
export function consoleAddress(typed: string): string | null {
  const text = typed.trim().replace(/\/$/, '')
  return host.test(text) && URL.canParse(text) ? text : null
}

/** Whether only this machine itself reaches the address, so that no backend does. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
