import { connect } from 'node:net'
import { say, Stop } from '../setup/say.mjs'
import { demoFolder } from './folder.mjs'

/**
 * Sends one command to the running demo and prints its answer.
 * @param {string} line
 * @returns {Promise<void>}
 */
export function tellDemo(line) {
  return new Promise((resolve, reject) => {
    const socket = connect(demoFolder().socket)
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk))
    socket.on('error', () => reject(new Stop('No demo is running here. Start it with "npm run demo" in another terminal, with the same TANGENT_STATE_DIR.')))
    socket.on('end', () => {
      say(answer.trimEnd())
      resolve()
    })
    socket.end(`${line}\n`)
  })
}
