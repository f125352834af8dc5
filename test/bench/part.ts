/** A part of the bench: the title of its section in the README, and what measures it and answers the section's text. */
export type Part = { title: string; run: () => Promise<string> }
