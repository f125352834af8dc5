import { defineConfig } from 'vitest/config'

/** Whole machines are started in browser and lab tests: one file at a time, and time enough for a slow machine. */
const machine = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 180_000 }

/** The preparation of backends: lab tests that need hardly anything of the appliance and no quiet machine. */
const prep = 'test/lab/prep-*.test.ts'

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/unit/**/*.test.tsx'], testTimeout: 20_000 } },
      { extends: true, test: { name: 'api', include: ['test/api/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 } },
      { extends: true, test: { name: 'browser', include: ['test/browser/**/*.test.ts'], ...machine } },
      { extends: true, test: { name: 'prep', include: [prep], ...machine } },
      { extends: true, test: { name: 'lab', include: ['test/lab/**/*.test.ts'], exclude: [prep], ...machine } },
    ],
  },
})
