import { useState, type FormEvent } from 'react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { sendReport } from '#lib/client/changes.ts'
import { toFailure } from '#lib/client/failure.ts'
import { rememberPrepState } from '#lib/client/queries.ts'
import { Button } from '#components/ui/button.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field, type FieldMessage } from '#components/ui/field.tsx'
import { Textarea } from '#components/ui/textarea.tsx'

const nothing: FieldMessage = { message: 'Nothing is pasted yet.', hint: 'Run the check and paste what it prints.' }

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
  const { status, detail, errors } = send.error ? toFailure(send.error) : { status: 0, detail: '', errors: [] }
  const refused: FieldMessage[] = errors.length > 0 ? errors : status === 413 ? [{ message: detail, hint: '' }] : []
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
