import path from 'node:path'
import type { NextConfig } from 'next'

const config: NextConfig = {
  output: 'standalone',
  distDir: process.env.TANGENT_DIST_DIR || '.next',
  poweredByHeader: false,
  // Types, those of the tests too, are a part of npm test; whoever installs Tangent need not wait for it.
  typescript: { ignoreBuildErrors: true },
  // The clone may stand below a folder with a lock file of its own; only this folder is the project.
  outputFileTracingRoot: path.resolve(import.meta.dirname),
  turbopack: { root: path.resolve(import.meta.dirname) },
  // The migrations are read at run time, and an installation without the sources brings its database up to date with these.
  outputFileTracingIncludes: { '/*': ['./prisma/migrations/**', './prisma/migrate.mjs', './prisma/apply-migrations.mjs'] },
  serverExternalPackages: ['better-sqlite3', '@prisma/adapter-better-sqlite3', '@prisma/client', 'better-auth', 'pino'],
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'no-referrer' },
        { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
      ],
    },
  ],
}

export default config
