import type { PrepFacts } from '../facts.ts'
import { linuxScript } from '../linux/linux.ts'
import { blank, block, comment, line } from '../node.ts'
import type { ConfigNode } from '../node.ts'
import type { PrepScript } from '../prep.ts'
import { printConfig } from '../print-config.ts'

/** An Ansible playbook that runs the Linux script, which it carries inside. Nothing of it stays on the backend. */
export function ansiblePlaybook(facts: PrepFacts): PrepScript {
  const script = linuxScript(facts)
  const filename = `tangent-ansible-${facts.key}.yml`
  const run = `ansible-playbook -i '${facts.rip.text},' ${filename}`
  return {
    system: 'ansible',
    filename,
    mediaType: 'text/plain; charset=us-ascii',
    text: printConfig(playbook(facts, script)),
    changes: script.changes,
    commands: { apply: run, check: `${run} --tags check`, undo: `${run} -e state=absent` },
  }
}

function playbook(facts: PrepFacts, script: PrepScript): ConfigNode[] {
  return [
    comment`Prepares a Linux backend for Direct Server Return: runs the Linux script, which is inside, on the backend as root.`,
    comment`  backend ${facts.name}, address ${facts.rip.text}`,
    ...facts.farms,
    comment`Apply and check:  ansible-playbook -i '${facts.rip.text},' tangent-ansible-${facts.key}.yml`,
    comment`Check only:       ... --tags check`,
    comment`Apply only:       ... --skip-tags check, as long as the application does not run: the check would say so and fail.`,
    comment`Take back:        ... -e state=absent`,
    comment`With an inventory of your own that names the backend otherwise: -e target=NAME. Nothing stays on the backend but what the script does.`,
    blank,
    { kind: 'block', text: head },
    line`  hosts: "{{ target | default('${facts.rip.text}') }}"`,
    { kind: 'block', text: settings },
    { kind: 'embedded', indent: 6, script },
    { kind: 'block', text: tasks },
  ]
}

const head = block`
- name: Direct Server Return on this backend`

// The script is no template: without !unsafe, "\${#" and the like in it would be read as one.
const settings = block`
  become: true
  gather_facts: false
  vars:
    state: present
    script: !unsafe |`

const tasks = block`
  tasks:
    - name: The state is present or absent
      ansible.builtin.assert:
        that: state in ['present', 'absent']
        quiet: true
      tags: always

    - name: Apply
      ansible.builtin.command:
        argv: [sh, -s, --, --apply]
        stdin: "{{ script }}"
      register: applied
      changed_when: applied.stdout is search('^(done|saved):', multiline=true)
      when: state == 'present'

    - name: Check
      ansible.builtin.command:
        argv: [sh, -s, --, --check]
        stdin: "{{ script }}"
      register: checked
      changed_when: false
      failed_when: false
      check_mode: false
      when: state == 'present'
      tags: check

    - name: The check finds nothing wrong
      ansible.builtin.assert:
        that: checked.rc == 0
        fail_msg: "{{ checked.stdout_lines | select('match', 'FAIL|      fix') | list + checked.stderr_lines }}"
        quiet: true
      when: state == 'present'
      tags: check

    - name: Take back
      ansible.builtin.command:
        argv: [sh, -s, --, --undo]
        stdin: "{{ script }}"
      register: undone
      changed_when: undone.stdout is search('^done:', multiline=true)
      when: state == 'absent'`
