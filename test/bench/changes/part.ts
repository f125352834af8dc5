import type { Part } from '../part.ts'
import { measureSize } from './growth.ts'
import { measureChanges, type Measured } from './measure.ts'
import { openChangeSite } from './site.ts'
import { changeSection, type Size } from './table.ts'

export const changesPart: Part = { title: 'What a change costs', run: measure }

/** Numbers of farms; changes are measured with the first and the last. */
const stages = [1, 100, 1000] as const

async function measure(): Promise<string> {
  const site = await openChangeSite()
  try {
    const measured: Measured[] = []
    const sizes: Size[] = []
    let kernel = 0
    for (const [stage, farms] of stages.entries()) {
      const loaded = await site.load(farms)
      kernel += loaded.kernel
      if (stage === 0 || stage === stages.length - 1) measured.push(...(await measureChanges(site, farms)))
      sizes.push({ farms, loadEach: loaded.msEach, kernel, ...(await measureSize(site.appliance)) })
    }
    return changeSection(measured, sizes)
  } finally {
    await site.remove()
  }
}
