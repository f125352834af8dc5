import { useState, type FormEvent } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { sendReport } from '#lib/client/changes.ts'
import { toFailure, type Failure } from '#lib/client/failure.ts'
import { rememberPrepState } from '#lib/client/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field, type FieldMessage } from '#components/ui/field.tsx'
import { Textarea } from '#components/ui/textarea.tsx'

const nothing: FieldMessage = { message: 'Nothing is pasted yet.', hint: 'Run the check of this step and paste what it prints.' }
const otherText: FieldMessage = { message: 'This is no report of a check.', hint: 'Get the script again, run the check of this step and paste what it prints.' }

/** Why the console did not take it, where that is about what was pasted. Fields that a report lacks are no help to people. */
function reasons({ status, detail, errors }: Failure): FieldMessage[] {
  const said = errors.filter(({ code }) => /^(paste|report|nothing)-/.test(code))
  if (said.length > 0) return said
  if (errors.length > 0) return [otherText]
  return status === 413 ? [{ message: detail, hint: '' }] : []
}

/** Takes what a check printed. What cannot be read stays in the field, with the reason below. */
export function ReportForm({ farm, backend }: { farm: string; backend: string }) {
  const [pasted, setPasted] = useState('')
  const [empty, setEmpty] = useState(false)
  const client = useQueryClient()
  const send = useMutation({
    mutationFn: () => sendReport(farm, backend, pasted),
    onSuccess: (state) => {
      setPasted('')
      rememberPrepState(client, farm, state)
    },
  })
  const refused = send.error ? reasons(toFailure(send.error)) : []
  const change = (text: string) => {
    setPasted(text)
    setEmpty(false)
    if (!send.isPending) send.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setEmpty(pasted.trim() === '')
    if (pasted.trim() !== '' && !send.isPending) send.mutate()
  }
  return (
    <form onSubmit={submit} noValidate aria-label={`Check of ${backend}`} className="space-y-2">
      <Field label="Output of the check" help="Paste all of it; prompts and lines around it do not matter." messages={empty ? [nothing] : refused}>
        {(attributes) => <Textarea {...attributes} rows={4} value={pasted} onChange={(event) => change(event.target.value)} />}
      </Field>
      {send.error && refused.length === 0 ? <FailureNotice error={send.error} /> : null}
      <Button type="submit" tone="primary" busy={send.isPending}>
        Read the output
      </Button>
    </form>
  )
}
