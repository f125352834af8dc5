import type { Findings } from '../finding.ts'
import { sharedFindings } from '../linux/findings.ts'
import { block } from '../node.ts'

/** Every check of the redirecting script. */
export const redirectFindings: Findings = {
  ...sharedFindings,
  'redirect-rule': {
    ok: block`{subject} is redirected to {found}, where the application listens.`,
    fail: block`{subject} is not redirected: {found}.`,
    fix: block`Run this script with --apply.`,
  },
  'vip-elsewhere': {
    fail: block`{subject}/{found}: with redirection no interface of this host may have the VIP, or it answers for it and takes the clients from the appliance.`,
    fix: block`Remove it: ip addr del {subject}/{found} - or run the script that put it there with --undo.`,
  },
}
