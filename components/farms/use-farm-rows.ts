import { useMemo } from 'react'
import { useQuery } from '@tanstack/react-query'
import { farmsQuery, statusQuery } from '#lib/client/queries.ts'
import { farmRows, type FarmRow } from './farm-rows.ts'

type Loaded = { rows: FarmRow[] | null; error: Error | null; retry: () => void }

/** All farms with their status; `rows` is null until both are there. */
export function useFarmRows(): Loaded {
  const status = useQuery(statusQuery)
  const farms = useQuery(farmsQuery(status.data?.generation))
  const rows = useMemo(() => (farms.data && status.data ? farmRows(farms.data, status.data.farms) : null), [farms.data, status.data])
  const retry = () => void Promise.all([status.refetch(), farms.refetch()])
  return { rows, error: rows ? null : (status.error ?? farms.error), retry }
}
