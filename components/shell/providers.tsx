'use client'

import { useState, type ReactNode } from 'react'
import { QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { Tooltip } from 'radix-ui'
import { makeQueryClient } from '#lib/client/query-client.ts'
import { Announcements } from '#components/ui/announcements.tsx'

/** What every page needs. The nonce lets dialogs add the one style element that keeps the page behind them from scrolling. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [client] = useState(() => {
    if (nonce) setNonce(nonce)
    return makeQueryClient()
  })
  return (
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={300}>
        <Announcements>{children}</Announcements>
      </Tooltip.Provider>
    </QueryClientProvider>
  )
}
