/** Ends with one sentence when this Node is older than 20.19. Written so that an old Node can still read it. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Tangent needs Node 20.19 or newer and this is ${process.versions.node}. Install a newer one from https://nodejs.org or your distribution, then run the same command again.`)
  process.exit(1)
}
