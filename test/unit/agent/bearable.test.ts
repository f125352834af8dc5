import { describe, expect, it } from 'vitest'
import { bearable, type Load } from '#agent/engine/nftlb/bearable.ts'
import { json } from './json.ts'

const farms = Array.from({ length: 20 }, (_, i) => json({ name: `farm${i}`, ports: [String(i + 1)] }))

/** An engine that dies when one of `deadly` is among its farms, and does not put those of `absent` into the kernel. */
function engine(deadly: string[], absent: string[] = []): { load: Load; runs: () => string[]; tries: () => number } {
  let running: string[] = []
  let tries = 0
  return {
    runs: () => running,
    tries: () => tries,
    load: async (list) => {
      tries++
      running = []
      if (list.some(({ name }) => deadly.includes(name))) throw new Error('nftlb was started and does not answer')
      running = list.map(({ name }) => name)
      return list.filter(({ name }) => absent.includes(name)).map(({ name }) => ({ farm: name, detail: `chain ${name} is missing` }))
    },
  }
}

describe('a farm that the engine cannot take', () => {
  it('is none when all can be taken, and that takes one try', async () => {
    const one = engine([])
    expect((await bearable(farms, one.load)).rejected.size).toBe(0)
    expect(one.tries()).toBe(1)
  })

  it('is left out by name when the kernel lacks it', async () => {
    const one = engine([], ['f_farm3', 'f_farm7'])
    const { rejected } = await bearable(farms, one.load)
    expect([...rejected]).toEqual([['f_farm3', 'chain f_farm3 is missing'], ['f_farm7', 'chain f_farm7 is missing']])
    expect(one.runs()).toHaveLength(18)
  })

  it.each([[['f_farm0']], [['f_farm19']], [['f_farm4', 'f_farm13']]])('is found by halves when the engine dies of it: %j', async (deadly) => {
    const one = engine(deadly)
    const { accepted, rejected } = await bearable(farms, one.load)
    expect(new Set(rejected.keys())).toEqual(new Set(deadly))
    expect(one.runs()).toEqual(accepted.map(({ name }) => name))
    expect(accepted).toHaveLength(20 - deadly.length)
    expect(one.tries()).toBeLessThan(25)
  })

  it('is not looked for when the engine does not run at all', async () => {
    let tries = 0
    const load: Load = () => Promise.reject(new Error(`nftlb is not installed (${++tries})`))
    await expect(bearable(farms, load)).rejects.toThrow('nftlb is not installed')
    expect(tries).toBe(2)
  })
})
