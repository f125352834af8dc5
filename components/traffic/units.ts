const prefixes = ['', 'k', 'M', 'G', 'T', 'P']
const space = '\u00a0'

/** A number with three significant digits and an SI prefix: 410, 1.24 k, 12.4 M. Below 100 it keeps one decimal place when it has any. */
export function siText(value: number): string {
  let rest = value
  let step = 0
  while (step < prefixes.length - 1 && (step === 0 ? Math.round(rest) : Number(rest.toPrecision(3))) >= 1000) {
    rest /= 1000
    step++
  }
  const digits = step === 0 ? (rest >= 99.95 || Number.isInteger(rest) ? 0 : 1) : rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2
  return step === 0 ? rest.toFixed(digits) : `${rest.toFixed(digits)}${space}${prefixes[step]}`
}

/** A value with its unit: `12.4 Mbit/s`, `1.24 k packets/s`, `3.40 GB`. Only bits and bytes take the prefix into their unit. */
export function unitText(value: number, unit: 'packets' | 'packets/s' | 'connections' | 'connections/s' | 'bit/s' | 'B'): string {
  const number = siText(value)
  const joined = (unit === 'bit/s' || unit === 'B') && number.includes(space)
  return `${number}${joined ? '' : space}${number === '1' ? unit.replace(/^(packet|connection)s/, '$1') : unit}`
}

/** A whole number as people write it: 4,093. */
export function countText(value: number): string {
  return value.toLocaleString('en')
}

/** A length of time in the two units that matter: `45 s`, `58 min`, `1 h 20 min`. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))}${space}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes}${space}min`
  return minutes % 60 === 0 ? `${minutes / 60}${space}h` : `${Math.floor(minutes / 60)}${space}h ${minutes % 60}${space}min`
}

/** A part of a whole in percent; null when there is no whole. */
export function percentText(part: number, whole: number): string | null {
  if (whole <= 0) return null
  const percent = (100 * part) / whole
  return `${percent > 0 && percent < 1 ? '< 1' : Math.round(percent)}${space}%`
}
