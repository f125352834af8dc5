type Store = Map<string, unknown>

// Next loads instrumentation and routes as separate module instances, so what must exist once lives on globalThis.
function store(): Store {
  const holder = globalThis as typeof globalThis & { tangentServer?: Store }
  holder.tangentServer ??= new Map()
  return holder.tangentServer
}

/** The one value of that name in this process; `create` makes it at the first use. */
export function singleton<T>(name: string, create: () => T): T {
  const values = store()
  if (!values.has(name)) values.set(name, create())
  return values.get(name) as T // Only this line and the one above touch the name.
}

/** Forgets every singleton; whoever holds a resource closes it before. */
export function forgetSingletons(): void {
  store().clear()
}
