import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { PrepMachine } from './prep-machine.ts'

/** Does what systemd does at a boot before the network is up: runs every unit that is enabled. */
export async function startEnabledUnits({ folder, run }: PrepMachine): Promise<void> {
  const units = join(folder, 'etc/systemd/system')
  const enabled = join(units, 'multi-user.target.wants')
  for (const name of existsSync(enabled) ? readdirSync(enabled) : []) {
    const unit = join(units, basename(name))
    const [, command = ''] = existsSync(unit) ? (/^ExecStart=(.*)$/m.exec(readFileSync(unit, 'utf8')) ?? []) : []
    if (command === '') throw new Error(`${name} is enabled, and there is nothing to start.`)
    const { status, errors } = await run(null, command.split(' '), { ownFiles: true })
    if (status !== 0) throw new Error(`${name} failed at boot: ${errors}`)
  }
}
