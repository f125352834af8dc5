/** Runs once when the server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { startOrEnd } = await import('#lib/server/start.ts')
  await startOrEnd()
}
