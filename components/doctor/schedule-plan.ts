import { doctorCrons } from '#lib/domain/doctor/schedule.ts'

export type SchedulePlan = 'off' | keyof typeof doctorCrons | 'own'

export const plans: ReadonlyArray<{ value: SchedulePlan; label: string }> = [
  { value: 'off', label: 'Off' },
  { value: 'hourly', label: 'Every hour' },
  { value: 'nightly', label: 'Every night at 3:00' },
  { value: 'own', label: 'Own cron expression' },
]

/** Which of the plans a saved expression is. */
export function planOf(cron: string | null): SchedulePlan {
  if (cron === null) return 'off'
  return plans.find(({ value }) => (value === 'hourly' || value === 'nightly') && doctorCrons[value] === cron)?.value ?? 'own'
}
