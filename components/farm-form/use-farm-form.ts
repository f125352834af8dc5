import { useMemo, useState } from 'react'
import type { Surroundings } from '#lib/domain/draft.ts'
import type { Mode } from '#lib/domain/farm.ts'
import type { Problem } from '#lib/domain/problem.ts'
import { farmProblems } from './farm-problems.ts'
import { backendFieldId, monitorFieldId, problemsByField, vipFieldId, type BackendField, type FieldId } from './field-id.ts'
import { emptyBackend, inMode, suggestName, type BackendValues, type FarmValues } from './farm-values.ts'
import { newMonitor, type MonitorField, type MonitorValues } from './monitor-values.ts'

/** Fields whose rules hang together: a change of one is a reason to look at all of them. */
const balancing: readonly FieldId[] = ['mode', 'protocol', 'scheduler', 'hashInput', 'persistence', 'additionalVips', 'monitor/type', 'monitor/paths', 'monitor/port']

export type FarmForm = {
  values: FarmValues
  /** Problems that the server found beyond those of the form and that no control stands for. */
  general: Problem[]
  /** All problems of the values, shown or not. */
  problems: Problem[]
  changed: boolean
  set: <K extends Exclude<keyof FarmValues, 'mode' | 'backends' | 'additionalVips' | 'monitor'>>(field: K, value: FarmValues[K]) => void
  setMode: (mode: Mode) => void
  setVip: (key: string, address: string) => void
  addVip: () => string
  removeVip: (key: string) => void
  setBackend: <K extends BackendField>(key: string, field: K, value: BackendValues[K]) => void
  /** Sets a field of the health check of a backend, or of the farm when `row` is null. */
  setMonitor: <K extends MonitorField>(row: string | null, field: K, value: MonitorValues[K]) => void
  addBackend: () => string
  removeBackend: (key: string) => void
  nameLeft: () => void
  touch: (...fields: FieldId[]) => void
  touchAll: () => void
  messages: (field: FieldId) => Problem[]
  refuse: (problems: readonly Problem[]) => void
  load: (values: FarmValues) => void
}

/** State of the farm form: what was typed, what was touched, and what is wrong. Nothing here talks to the server. */
export function useFarmForm(initial: FarmValues, surroundings: Surroundings, creating: boolean): FarmForm {
  const [start, setStart] = useState(initial)
  const [values, setValues] = useState(initial)
  const [touched, setTouched] = useState<ReadonlySet<FieldId>>(new Set())
  const [all, setAll] = useState(false)
  const [refused, setRefused] = useState<ReadonlyMap<FieldId | null, Problem[]>>(new Map())
  const [nextKey, setNextKey] = useState(1)

  const problems = useMemo(() => farmProblems(values, surroundings, creating), [values, surroundings, creating])
  const byField = useMemo(() => problemsByField(problems, { backends: values.backends, additionalVips: values.additionalVips }), [problems, values.backends, values.additionalVips])

  const touch = (...fields: FieldId[]) => setTouched((before) => (fields.every((field) => before.has(field)) ? before : new Set([...before, ...fields])))
  const accept = (field: FieldId) => setRefused((before) => (before.size === 0 ? before : new Map([...before].filter(([key]) => key !== field && key !== null))))

  return {
    values,
    problems,
    general: refused.get(null) ?? [],
    changed: values !== start,
    set: (field, value) => {
      setValues((before) => ({ ...before, [field]: value }))
      accept(field)
      if (balancing.includes(field)) touch(...balancing)
      else if (field === 'interface') touch('interface')
    },
    setMode: (mode) => {
      setValues((before) => inMode(before, mode))
      accept('mode')
      touch(...balancing)
    },
    setVip: (key, address) => {
      setValues((before) => ({ ...before, additionalVips: before.additionalVips.map((row) => (row.key === key ? { key, address } : row)) }))
      accept(vipFieldId(key))
    },
    addVip: () => {
      const key = `vip:new-${nextKey}`
      setNextKey(nextKey + 1)
      setValues((before) => ({ ...before, additionalVips: [...before.additionalVips, { key, address: '' }] }))
      return key
    },
    removeVip: (key) => {
      setValues((before) => ({ ...before, additionalVips: before.additionalVips.filter((row) => row.key !== key) }))
      accept('additionalVips')
    },
    setBackend: (key, field, value) => {
      setValues((before) => ({ ...before, backends: before.backends.map((row) => (row.key === key ? { ...row, [field]: value } : row)) }))
      accept(backendFieldId(key, field))
    },
    setMonitor: (row, field, value) => {
      setValues((before) => (row === null ? { ...before, monitor: { ...before.monitor, [field]: value } } : withOwnMonitor(before, row, { [field]: value })))
      accept(monitorFieldId(row, field))
      if (field === 'type') touch(...(['type', 'paths', 'port'] as const).map((one) => monitorFieldId(row, one)))
    },
    addBackend: () => {
      const key = `new-${nextKey}`
      setNextKey(nextKey + 1)
      setValues((before) => ({ ...before, backends: [...before.backends, emptyBackend(key, suggestName(before.name.trim(), before.backends))] }))
      return key
    },
    removeBackend: (key) => setValues((before) => ({ ...before, backends: before.backends.filter((row) => row.key !== key) })),
    nameLeft: () => {
      // A message under a field that was only passed would move what is being clicked.
      if (values.name !== '') touch('name')
      if (creating) setValues(nameBackends)
    },
    touch,
    touchAll: () => setAll(true),
    messages: (field) => [...(all || touched.has(field) ? (byField.get(field) ?? []) : []), ...(refused.get(field) ?? [])],
    refuse: (list) => setRefused(problemsByField(list, values)),
    load: (loaded) => {
      setStart(loaded)
      setValues(loaded)
      setTouched(new Set())
      setAll(false)
      setRefused(new Map())
    },
  }
}

/** A backend's own health check begins as that of its farm. */
function withOwnMonitor(values: FarmValues, key: string, change: Partial<MonitorValues>): FarmValues {
  return { ...values, backends: values.backends.map((row) => (row.key === key ? { ...row, monitor: { ...(row.monitor === newMonitor ? values.monitor : row.monitor), ...change } } : row)) }
}

/** Gives backends that have no name yet one after the farm's; typed names stay. */
function nameBackends(values: FarmValues): FarmValues {
  const farm = values.name.trim()
  if (values.backends.every((row) => row.name !== '')) return values
  const backends: BackendValues[] = []
  for (const row of values.backends) backends.push(row.name === '' ? { ...row, name: suggestName(farm, [...values.backends, ...backends]) } : row)
  return { ...values, backends }
}
