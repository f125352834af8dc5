import type { PrepFacts } from '../facts.ts'
import { linuxScript } from '../linux/linux.ts'
import { block, comment, line } from '../node.ts'
import type { ConfigNode } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { printConfig } from '../print-config.ts'

/** User data for a new machine: cloud-init writes the Linux script, which is inside, and runs it once. */
export function cloudInitConfig(facts: PrepFacts): PrepScript {
  const script = linuxScript(facts)
  const filename = `tangent-cloud-init-${facts.key}.yaml`
  const installed = installedAt(facts)
  return {
    system: 'cloud-init',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: printConfig(config(facts, script)),
    changes: [{ what: `Writes ${installed} and runs it with --apply at the first boot.`, why: 'The script refuses a machine that it would hurt, and sets the kernel before it adds an address.' }, ...script.changes],
    commands: { apply: `# give ${filename} to the new machine as its user data`, check: `sudo sh ${installed} --check`, undo: `sudo sh ${installed} --undo && sudo rm ${installed}` },
  }
}

function config(facts: PrepFacts, script: PrepScript): ConfigNode[] {
  const installed = installedAt(facts)
  return [
    // cloud-init knows the format by this first line.
    { kind: 'block', text: block`#cloud-config` },
    comment`Prepares a new Linux machine for Direct Server Return: writes the Linux script, which is inside, and runs it as root.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Check on the machine:  sudo sh ${installed} --check`,
    comment`Take back:             sudo sh ${installed} --undo && sudo rm ${installed}`,
    comment`runcmd runs once, at the end of the first boot: the network is up, but no virtual address is there before the script has set the`,
    comment`kernel. At every later boot the service that the script installs does it before any interface is up. bootcmd is not used for the`,
    comment`settings: it runs before the script could save the values that --undo restores.`,
    comment`The machine must have the address ${facts.rip.text} by then, or the script refuses; "cloud-init status --long" says so.`,
    comment`The file has about 90,000 bytes. OpenStack and Azure take 64 KiB when it is compressed (gzip), EC2 takes 16 KiB: there let runcmd`,
    comment`fetch the Linux script by a link of the console, or give it with the image.`,
    comment`User data that has write_files or runcmd already: append these entries to them.`,
    { kind: 'block', text: block`write_files:` },
    line`  - path: ${installed}`,
    { kind: 'block', text: file },
    { kind: 'embedded', indent: 6, script },
    { kind: 'block', text: block`runcmd:` },
    line`  - [sh, ${installed}, --apply]`,
  ]
}

function installedAt({ key }: PrepFacts) {
  return line`/usr/local/sbin/tangent-backend-${key}.sh`.text
}

const file = block`
    owner: root:root
    permissions: "0700"
    content: |`
