import { PageHeader } from '#components/ui/page-header.tsx'
import { RevisionList } from './revision-list.tsx'

export function HistoryPage() {
  return (
    <>
      <PageHeader title="History" description="Every saved change of the configuration, with what was before and after." />
      <RevisionList />
    </>
  )
}
