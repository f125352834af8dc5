import { z } from 'zod'
import { minPasswordLength } from './password.ts'

const port = z.coerce.number().int().min(1).max(65535)
const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])

const schema = z.object({
  TANGENT_PORT: port.default(3000),
  TANGENT_HOST: z.string().min(1).default('127.0.0.1'),
  TANGENT_STATE_DIR: z.string().min(1).default('.tangent'),
  TANGENT_SOCKET: z.string().min(1).max(107, 'A unix socket path has at most 107 bytes (unix(7)).').optional(),
  TANGENT_ADMIN_PASSWORD: z.string().min(minPasswordLength, `The administrator password has at least ${minPasswordLength} characters.`).optional(),
  TANGENT_ENGINE: z.enum(['auto', 'nftlb']).default('auto'),
  TANGENT_LOG_LEVEL: logLevel.default('info'),
  TANGENT_ORIGIN: z.url().optional(),
})

/** The settings of console and agent. `stateDir` and `socket` are as given: relative to the working directory or absolute. */
export type Env = {
  port: number
  host: string
  stateDir: string
  socket: string
  adminPassword: string | null
  /** `auto`: each farm by the engine that suits it; `nftlb`: all of them by nftlb. */
  engine: 'auto' | 'nftlb'
  logLevel: z.output<typeof logLevel>
  /** Public address of the console when it stands behind a proxy, such as https://tangent.example.net. */
  origin: string | null
}

/** Reads the environment; empty values count as not set. Throws an Error with one sentence per wrong variable. */
export function parseEnv(variables: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const result = schema.safeParse(given)
  if (!result.success) throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')} is wrong: ${issue.message}`).join('\n'))
  const env = result.data
  return {
    port: env.TANGENT_PORT,
    host: env.TANGENT_HOST,
    stateDir: env.TANGENT_STATE_DIR,
    socket: env.TANGENT_SOCKET ?? `${env.TANGENT_STATE_DIR}/agent.sock`,
    adminPassword: env.TANGENT_ADMIN_PASSWORD ?? null,
    engine: env.TANGENT_ENGINE,
    logLevel: env.TANGENT_LOG_LEVEL,
    origin: env.TANGENT_ORIGIN ?? null,
  }
}
