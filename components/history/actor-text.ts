/** `user:admin` and `token:ci` in words. */
export function actorText(actor: string): string {
  const [kind = '', ...name] = actor.split(':')
  if (name.length === 0) return actor
  return kind === 'token' ? `token ${name.join(':')}` : name.join(':')
}
