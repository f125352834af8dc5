import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { generate, goldensFor } from './golden.ts'

const play = z.tuple([z.object({ vars: z.object({ script: z.string() }) })])
const cloudConfig = z.object({ write_files: z.tuple([z.object({ path: z.string(), content: z.string() })]), runcmd: z.tuple([z.array(z.string())]) })

describe('automation carries the Linux script byte for byte', () => {
  test.each(goldensFor('ansible'))('$name', ({ input }) => {
    const [{ vars }] = play.parse(parse(generate(input).text, { logLevel: 'error' }))
    expect(vars.script).toBe(generate({ ...input, system: 'linux' }).text)
  })

  test.each(goldensFor('cloud-init'))('$name, and runs it', ({ input }) => {
    const { text } = generate(input)
    expect(text).toMatch(/^#cloud-config\n/)
    const { write_files: [file], runcmd: [argv] } = cloudConfig.parse(parse(text))
    expect(file.content).toBe(generate({ ...input, system: 'linux' }).text)
    expect(argv).toEqual(['sh', file.path, '--apply'])
  })
})
