/** One line for the person at the terminal. */
export function say(text) {
  process.stdout.write(`${text}\n`)
}

/** An expected failure: its message is all that a person needs, without a stack. */
export class Stop extends Error {}

/** Runs `work` with a line before it, one every 15 s while it lasts, and one with the time it took. */
export async function step(title, work) {
  const start = Date.now()
  const seconds = () => Math.round((Date.now() - start) / 1000)
  say(`• ${title} …`)
  const timer = setInterval(() => say(`  still at it after ${seconds()} s: ${title}`), 15_000)
  try {
    const result = await work()
    say(`  done in ${seconds()} s`)
    return result
  } finally {
    clearInterval(timer)
  }
}

/** Runs the main function of a command: an expected failure is one message and exit code 1. */
export async function main(work) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
