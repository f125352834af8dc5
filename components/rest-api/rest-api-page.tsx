'use client'

import { useSyncExternalStore } from 'react'
import { ExternalLink } from 'lucide-react'
import Link from 'next/link'
import { urls } from '#lib/client/urls.ts'
import { places } from '#components/places.ts'
import { buttonLook } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { CommandLine } from '#components/ui/command-line.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { curlExamples } from './curl-examples.ts'

/** How to do from a script what the console does, with this console's own address in the examples. */
export function RestApiPage() {
  const origin = useSyncExternalStore(
    () => () => undefined,
    () => window.location.origin,
    () => '',
  )
  const openapi = (
    <a href={urls.openapi} target="_blank" rel="noreferrer" className={buttonLook()}>
      <ExternalLink aria-hidden className="size-4" />
      openapi.json
    </a>
  )
  return (
    <>
      <PageHeader title="API" description="Everything that this console does, it does over this REST API, by the same rules." actions={openapi} />
      <div className="space-y-4">
        <Card title="Before you start">
          <div className="space-y-2 text-sm text-ink-soft">
            <p>
              Make a token under{' '}
              <Link href={places.tokens} className="text-accent underline underline-offset-2">
                Tokens
              </Link>{' '}
              and put it into the variable TANGENT_TOKEN of your shell. It goes into the header, never into an address.
            </p>
            <p>
              Changing what exists needs its version: send the ETag of your GET back as If-Match. An answer 412 means that someone else was faster, and has the current version in it. With <code className="font-mono text-xs text-ink">?dryRun=true</code> you get
              the plan with its impact on live connections, and nothing is saved.
            </p>
            <p>Refusals are problem details (RFC 9457): every error has a JSON pointer to the field, a code, a message and a hint.</p>
          </div>
        </Card>
        <Card title="Examples">
          <div className="grid gap-4">
            {curlExamples(origin).map(({ label, command }) => (
              <CommandLine key={label} label={label} command={command} />
            ))}
          </div>
        </Card>
      </div>
    </>
  )
}
