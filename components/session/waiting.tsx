import { Logo } from '#components/ui/logo.tsx'

/** The whole window while it is not known yet who is there. */
export function Waiting() {
  return (
    <main aria-label="Loading" aria-busy className="grid min-h-dvh place-items-center">
      <Logo className="size-9 animate-pulse" />
    </main>
  )
}
