import { resolve } from 'node:path'
import { Stop } from './say.mjs'

/** @typedef {{ port: number, host: string, stateDir: string, socket: string }} Settings */

/**
 * The settings as a command needs them before anything is installed; console and agent check every variable again.
 * Paths are absolute: the console changes its folder when it starts.
 * @param {Record<string, string | undefined>} [env]
 * @returns {Settings}
 */
export function readSettings(env = process.env) {
  const port = Number(env.TANGENT_PORT || 3000)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Stop(`TANGENT_PORT is "${env.TANGENT_PORT}", which is no port. Give a number from 1 to 65535.`)
  const stateDir = resolve(env.TANGENT_STATE_DIR || '.tangent')
  return { port, host: env.TANGENT_HOST || '127.0.0.1', stateDir, socket: resolve(env.TANGENT_SOCKET || `${stateDir}/agent.sock`) }
}

/**
 * Address of the console for a person on this machine.
 * @param {{ host: string, port: number }} settings
 */
export function urlOf({ host, port }) {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
