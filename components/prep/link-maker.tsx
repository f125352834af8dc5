import { Link2 } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { consoleAddress, isLoopback } from './console-address.ts'
import type { LinkMaking } from './use-prep-link.ts'

const wrongAddress = { message: 'This is no address of a console.', hint: 'Write it like https://192.0.2.10:3000.' }

type Props = { backend: string; making: LinkMaking; address: string; onAddress: (typed: string) => void }

/** Makes the link of one backend and says what whoever has it can do, and for how long. */
export function LinkMaker({ backend, making: { link, make, busy, error }, address, onAddress }: Props) {
  return (
    <>
      {isLoopback(window.location.origin) ? (
        <Field
          label="Address of the console, as backends reach it"
          help={`You opened it as ${window.location.host}, which no other machine reaches.`}
          messages={consoleAddress(address) === null ? [wrongAddress] : []}
          className="max-w-md"
        >
          {(attributes) => <Input {...attributes} mono value={address} onChange={(event) => onAddress(event.target.value)} />}
        </Field>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button tone={link ? 'secondary' : 'primary'} icon={<Link2 aria-hidden className="size-4" />} busy={busy} onClick={make}>
          {link ? 'Make a new link' : 'Make a link'}
        </Button>
        <p role="status" className="nums text-sm text-ink-soft">
          {link ? `It ends at ${link.endsAt}. A new one ends it at once.` : ''}
        </p>
      </div>
      <p className="max-w-prose text-xs text-ink-faint">
        Whoever has the link gets the script of {backend} and can hand in its check, without signing in; nothing else. {link ? '' : 'It ends after an hour.'}
      </p>
      {(consoleAddress(address) ?? window.location.origin).startsWith('http:') ? (
        <Notice tone="warning" title="The console is asked without encryption">
          Whoever is on the way to this backend can change the script that it runs as administrator. Use an address that begins with https, or take the file.
        </Notice>
      ) : null}
      {error ? <FailureNotice error={error} /> : null}
    </>
  )
}
