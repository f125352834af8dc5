'use client'

import { useState, type ReactNode } from 'react'
import { QueryClientProvider } from '@tanstack/react-query'
import { Tooltip } from 'radix-ui'
import { makeQueryClient } from '#lib/client/query-client.ts'
import { Announcements } from '#components/ui/announcements.tsx'

/** What every page needs: the cache of answers, hints, and messages in the corner. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeQueryClient)
  return (
    <QueryClientProvider client={client}>
      <Tooltip.Provider delayDuration={300}>
        <Announcements>{children}</Announcements>
      </Tooltip.Provider>
    </QueryClientProvider>
  )
}
