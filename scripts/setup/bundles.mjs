import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './project.mjs'
import { existsSync } from 'node:fs'

/** Programs that run outside Next, each one file in dist: name → source. */
export const agentBundles = { agent: 'agent/main.ts', prober: 'agent/probe/worker/main.ts' }
export const consoleBundles = { env: 'lib/domain/env.ts', 'first-run': 'scripts/first-run.ts', token: 'scripts/token.ts' }

/** A CommonJS dependency inside an ES module bundle still calls require(). */
const banner = "import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url);"

/** Bundles the sources of one set into dist; better-sqlite3 stays outside because it loads a native file beside its own. */
export async function bundle(set) {
  const { build } = await import('esbuild')
  const entries = Object.entries(set).filter(([, source]) => existsSync(join(root, source)))
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries),
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['better-sqlite3'],
    banner: { js: banner },
    legalComments: 'none',
    logLevel: 'error',
  })
}

/** Bundles the demo, which shares its network with the tests; answers the address to import it from. */
export async function bundleDemo() {
  const { build } = await import('esbuild')
  const outfile = join(root, 'dist/demo/main.mjs')
  await build({ absWorkingDir: root, entryPoints: ['scripts/demo/main.ts'], outfile, bundle: true, packages: 'external', platform: 'node', target: 'node20', format: 'esm', logLevel: 'error' })
  return pathToFileURL(outfile).href
}
