/**
 * As much of nftables as a script of the native engine uses: chains, rules, and the elements of maps and sets. It refuses what the
 * kernel refuses: an element that is there with another value, one that is not there, what is still referred to, what is missing.
 */
export type NftModel = {
  /** Runs a script as one transaction: after an error nothing has changed. */
  run: (script: string) => void
  chains: () => ReadonlyMap<string, readonly string[]>
  /** The elements of a map or set, key → value (empty in a set); null when there is none of this name. */
  elements: (name: string) => ReadonlyMap<string, string> | null
  names: () => string[]
}

type State = { chains: Map<string, string[]>; tables: Map<string, Map<string, string>>; declarations: Map<string, string> }

export function nftModel(): NftModel {
  let state: State = { chains: new Map(), tables: new Map(), declarations: new Map() }
  return {
    run: (script) => {
      const chains = new Map([...state.chains].map(([name, rules]) => [name, [...rules]]))
      const tables = new Map([...state.tables].map(([name, elements]) => [name, new Map(elements)]))
      const next: State = { chains, tables, declarations: new Map(state.declarations) }
      for (const line of script.split('\n').filter(Boolean)) execute(next, line)
      state = next
    },
    chains: () => state.chains,
    elements: (name) => state.tables.get(name) ?? null,
    names: () => [...state.tables.keys()],
  }
}

function execute(state: State, line: string): void {
  const [, verb, kind, name = '', rest = ''] = /^(add|delete|flush) (table|set|map|chain|rule|element) netdev tangent ?(\S*) ?(.*)$/.exec(line) ?? fail(line, 'is not understood')
  const act = `${verb} ${kind}`
  if (act === 'add table') return
  if (act === 'add set' || act === 'add map') {
    if (!state.tables.has(name)) state.tables.set(name, new Map())
    else if (state.declarations.get(name) !== rest) fail(line, 'is there and declared otherwise')
    state.declarations.set(name, rest)
  } else if (act === 'add chain') {
    if (!state.chains.has(name)) state.chains.set(name, [])
  } else if (act === 'add rule') addRule(state, name, rest, line)
  else if (act === 'flush chain') (state.chains.get(name) ?? fail(line, 'has no such chain')).splice(0)
  else if (act === 'flush map' || act === 'flush set') (state.tables.get(name) ?? fail(line, 'has no such map')).clear()
  else if (act === 'delete chain') {
    if ((state.chains.get(name) ?? fail(line, 'has no such chain')).length > 0) fail(line, 'has rules left')
    if ([...state.tables.values()].some((elements) => [...elements.values()].includes(`goto ${name}`)) || referred(state, `goto ${name}`)) fail(line, 'is referred to')
    state.chains.delete(name)
  } else if (act === 'delete map') {
    if (!state.tables.has(name)) fail(line, 'has no such map')
    if (referred(state, `@${name}`)) fail(line, 'is referred to')
    state.tables.delete(name)
  } else changeElements(state, verb === 'add', state.tables.get(name) ?? fail(line, 'has no such map'), rest, line)
}

function addRule(state: State, chain: string, rule: string, line: string): void {
  const rules = state.chains.get(chain) ?? fail(line, 'has no such chain')
  for (const [, target = ''] of rule.matchAll(/goto (\S+)/g)) if (!state.chains.has(target)) fail(line, 'goes to a chain that is missing')
  for (const [, map = ''] of rule.matchAll(/@([a-z][A-Za-z0-9_-]*)(?![\w,-])/g)) if (!map.startsWith('nh') && !map.startsWith('th') && !state.tables.has(map)) fail(line, `names ${map}, which is missing`)
  rules.push(rule)
}

function changeElements(state: State, adding: boolean, elements: Map<string, string>, list: string, line: string): void {
  for (const element of list.replace(/^\{ | \}$/g, '').split(', ')) {
    const [key = '', value = ''] = element.split(' : ')
    const bare = key.replace(/ (comment|counter) .*$/, '')
    if (!adding && !elements.delete(bare)) fail(line, `has no element ${bare}`)
    if (!adding) continue
    if (elements.has(bare) && elements.get(bare) !== value) fail(line, `has ${bare} with another value`)
    const target = /^goto (.+)$/.exec(value)?.[1]
    if (target !== undefined && !state.chains.has(target)) fail(line, 'goes to a chain that is missing')
    elements.set(bare, value)
  }
}

function referred(state: State, what: string): boolean {
  return [...state.chains.values()].flat().some((rule) => `${rule} `.includes(`${what} `))
}

function fail(line: string, why: string): never {
  throw new Error(`${line.slice(0, 120)}: ${why}`)
}
