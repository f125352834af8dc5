import { useState } from 'react'
import type { HashToken } from '#lib/domain/farm.ts'
import { hashInputs } from '#components/farms/words.ts'
import { CheckboxGroup } from '#components/ui/checkbox-group.tsx'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { tokenChoices } from './token-choices.ts'
import type { FarmForm } from './use-farm-form.ts'

const other = 'other'
const options = [...hashInputs.map(({ tokens, label }) => ({ value: tokens.join(), label })), { value: other, label: 'Something else' }]

/** What is hashed: a choice in words, and for what the words do not cover the single parts. */
export function HashInput({ form }: { form: FarmForm }) {
  const { values, set, messages } = form
  const [free, setFree] = useState(false)
  const named = hashInputs.find(({ tokens }) => tokens.join() === values.hashInput.join())
  const chosen = free || !named ? other : named.tokens.join()
  const found = messages('hashInput')
  const choose = (value: string) => {
    const tokens = hashInputs.find((one) => one.tokens.join() === value)?.tokens
    setFree(!tokens)
    if (tokens) set('hashInput', [...tokens])
  }
  return (
    <>
      <Field label="Hash input" help="Requests with the same values go to the same backend." messages={chosen === other ? [] : found}>
        {(attributes) => <Select {...attributes} value={chosen} options={options} onChange={(event) => choose(event.target.value)} />}
      </Field>
      {chosen === other ? <CheckboxGroup<HashToken> legend="Parts of the hash input" options={tokenChoices(values.mode, values.hashInput)} chosen={values.hashInput} messages={found} onChange={(tokens) => set('hashInput', tokens)} /> : null}
    </>
  )
}
