import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../scripts/setup/exec.mjs'
import { say, step } from '../scripts/setup/say.mjs'
import { paths, units, user } from './layout.mjs'

/** Stops and removes both services and the program. Data, settings and account stay, and so do the rules in the kernel. */
export async function uninstall() {
  const installed = units.filter((unit) => existsSync(join(paths.units, unit)))
  if (installed.length === 0 && !existsSync(paths.program)) {
    say('Tangent is not installed as a service here.')
    return
  }
  await step('removing the services and the program', async () => {
    if (installed.length > 0) await exec('systemctl', ['disable', '--now', ...[...installed].reverse()])
    for (const unit of installed) rmSync(join(paths.units, unit))
    await exec('systemctl', ['daemon-reload'])
    rmSync(paths.program, { recursive: true, force: true })
  })
  say('The rules and virtual addresses are still in the kernel and serve on until the next reboot.')
  say(`Kept: ${paths.consoleState}, ${paths.agentState}, ${paths.settings} and the account ${user}. To remove them too:`)
  say(`  rm -r ${paths.consoleState} ${paths.agentState} ${paths.settings} && userdel ${user}`)
}
