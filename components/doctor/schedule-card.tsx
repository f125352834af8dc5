import { useState, type FormEvent } from 'react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { putDoctorSchedule } from '#lib/client/changes.ts'
import { doctorScheduleQuery } from '#lib/client/doctor-queries.ts'
import { toFailure } from '#lib/client/failure.ts'
import { doctorCrons, type DoctorSchedule } from '#lib/domain/doctor/schedule.ts'
import { useAnnounce } from '#components/ui/announcements.tsx'
import { Button } from '#components/ui/button.tsx'
import { Card } from '#components/ui/card.tsx'
import { FailureNotice } from '#components/ui/failure-notice.tsx'
import { Field } from '#components/ui/field.tsx'
import { Input } from '#components/ui/input.tsx'
import { Select } from '#components/ui/select.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { Time } from '#components/ui/time.tsx'
import { plans, planOf, type SchedulePlan } from './schedule-plan.ts'

/** When the doctor examines everything by itself. */
export function ScheduleCard() {
  const { data, error, refetch } = useQuery({ ...doctorScheduleQuery, refetchInterval: 15_000 })
  return (
    <Card title="Schedule">
      {data ? <ScheduleForm key={data.cron} saved={data} /> : error ? <FailureNotice error={error} onRetry={() => void refetch()} /> : <Skeleton className="h-24 w-full" />}
    </Card>
  )
}

function ScheduleForm({ saved }: { saved: DoctorSchedule }) {
  const client = useQueryClient()
  const announce = useAnnounce()
  const [plan, setPlan] = useState(planOf(saved.cron))
  const [own, setOwn] = useState(saved.cron ?? doctorCrons.nightly)
  const cron = plan === 'off' ? null : plan === 'own' ? own.trim() : doctorCrons[plan]
  const put = useMutation({
    mutationFn: putDoctorSchedule,
    onSuccess: (schedule) => {
      client.setQueryData(doctorScheduleQuery.queryKey, schedule)
      announce({ tone: 'ok', title: schedule.cron === null ? 'The doctor no longer comes by itself' : 'The schedule of the doctor is saved' })
    },
  })
  const { errors } = put.error ? toFailure(put.error) : { errors: [] }
  const atCron = errors.filter(({ pointer }) => pointer === '/cron')
  const choose = (next: SchedulePlan | undefined) => {
    setPlan(next ?? 'off')
    put.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (cron !== saved.cron && !put.isPending) put.mutate(cron)
  }
  return (
    <form onSubmit={submit} noValidate className="space-y-3">
      <div className="flex flex-wrap items-start gap-3">
        <Field label="Examine everything" className="w-full sm:w-52">
          {(attributes) => <Select {...attributes} value={plan} options={plans} onChange={(event) => choose(plans.find(({ value }) => value === event.target.value)?.value)} />}
        </Field>
        {plan === 'own' ? (
          <Field label="Cron expression" required help="Minute, hour, day of month, month, day of week, in the time zone of the console." messages={atCron} className="w-full sm:w-52">
            {(attributes) => (
              <Input
                {...attributes}
                mono
                value={own}
                onChange={(event) => {
                  setOwn(event.target.value)
                  put.reset()
                }}
              />
            )}
          </Field>
        ) : null}
      </div>
      {put.error && (atCron.length === 0 || plan !== 'own') ? <FailureNotice error={put.error} /> : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button type="submit" busy={put.isPending} disabledReason={cron === saved.cron ? 'This is what is saved.' : null}>
          Save schedule
        </Button>
        <p role="status" className="text-sm text-ink-soft">
          {saved.next === null ? 'No run is planned.' : <>Next run: <Time iso={saved.next} /></>}
        </p>
      </div>
    </form>
  )
}
