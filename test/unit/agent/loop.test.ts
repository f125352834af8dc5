import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { countChanges } from '#agent/changes.ts'
import { openLog } from '#agent/log.ts'
import { runLoop, type Loop } from '#agent/loop.ts'
import type { Reconciler } from '#agent/reconcile.ts'
import { openStore } from '#agent/store.ts'
import { farm } from '../domain/farms.ts'

/** A reconciler that writes down what is asked of it; `check` fails as long as `broken` is true. */
function recorder(): Reconciler & { calls: string[]; broken: boolean } {
  const calls: string[] = []
  const self = {
    calls,
    broken: false,
    pass: async (names: readonly string[]) => void calls.push(`pass ${names.join(' ')}`),
    check: async () => {
      calls.push('check')
      if (self.broken) throw new Error('the kernel is wrong')
    },
    revive: async () => void calls.push('revive'),
    plan: () => ({ steps: [] }),
    observations: () => [],
    faults: () => [],
    ruleset: async () => '',
    targets: async () => new Set<string>(),
    isRejected: () => false,
  }
  return self
}

let folder = ''
let loop: Loop | null = null
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'loop-'))))
afterEach(async () => {
  await loop?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('the loop of passes', () => {
  it('looks again after a check that failed, and only then says that all is applied', async () => {
    const store = await openStore(folder)
    await store.replace({ generation: 7, farms: [farm()] })
    const core = recorder()
    const running = runLoop(store, core, () => true, countChanges(), openLog('silent'))
    loop = running
    await running.request(['web'])
    expect(running.appliedGeneration()).toBe(7)

    core.broken = true
    running.suspect()
    await vi.waitUntil(() => running.faults().length > 0)
    const before = core.calls.length
    await running.request([])
    expect(core.calls.slice(before)).toContain('check')
    expect(running.faults().map(({ code }) => code)).toEqual(['apply-failed'])
    expect(running.isApplied('web')).toBe(false)

    core.broken = false
    await running.request([])
    expect(running.faults()).toEqual([])
    expect(running.isApplied('web')).toBe(true)
  })
})
