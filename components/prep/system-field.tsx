import { prepSystems, type PrepSystem } from '#lib/prep/prep.ts'
import type { PrepState } from '#lib/prep/state.ts'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { Select } from '#components/ui/select.tsx'
import { systemGroups, systemWords } from './prep-words.ts'

type Props = { state: PrepState; states: readonly PrepState[]; busy: boolean; onChoose: (wanted: { backends: readonly string[]; system: PrepSystem }) => void }

/** What one backend is prepared with, and a way to take the same for all. */
export function SystemField({ state, states, busy, onChoose }: Props) {
  const others = states.filter(({ status, system }) => status !== 'not-needed' && system !== state.system)
  const choose = (value: string) => {
    const system = prepSystems.find((one) => one === value)
    if (system) onChoose({ backends: [state.backend], system })
  }
  return (
    <div className="flex min-w-0 flex-wrap items-start gap-x-3 gap-y-2">
      <Field label={`System of ${state.backend}`} help={systemWords[state.system].help} className="w-60 max-w-full xl:w-72">
        {(attributes) => <Select {...attributes} value={state.system} options={systemGroups} onChange={(event) => choose(event.target.value)} />}
      </Field>
      {states.length > 1 ? (
        <Button
          className="sm:mt-6"
          busy={busy}
          disabledReason={others.length > 0 ? null : 'Every backend of this farm has this system already.'}
          onClick={() => onChoose({ backends: others.map(({ backend }) => backend), system: state.system })}
        >
          Use for all backends
        </Button>
      ) : null}
    </div>
  )
}
