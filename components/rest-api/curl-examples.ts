import { urls } from '#lib/client/urls.ts'

const auth = '-H "Authorization: Bearer $TANGENT_TOKEN"'
const json = "-H 'Content-Type: application/json'"

const farm = JSON.stringify({ name: 'web', vip: '203.0.113.7', ports: ['80'], backends: [{ name: 'web1', address: '203.0.113.21' }, { name: 'web2', address: '203.0.113.22' }] })

/** The most frequent calls as one would type them, for the console at `origin`. */
export function curlExamples(origin: string): ReadonlyArray<{ label: string; command: string }> {
  return [
    { label: 'List the farms', command: `curl -fsS ${auth} "${origin}${urls.farms({ limit: 100, cursor: null })}"` },
    { label: 'Create a farm, and only if there is none of that name', command: `curl -sS -X PUT ${auth} ${json} \\\n  -H 'If-None-Match: *' "${origin}${urls.farm('web')}" \\\n  -d '${farm}'` },
    { label: 'See what a change would do, without doing it', command: `curl -sS -X PATCH ${auth} -H 'Content-Type: application/merge-patch+json' \\\n  -H 'If-Match: *' "${origin}${urls.farm('web', true)}" -d '{"ports":["80","443"]}'` },
    { label: 'Drain a backend', command: `curl -fsS -X PUT ${auth} ${json} -H 'If-Match: *' \\\n  "${origin}${urls.adminState('web', 'web1')}" -d '{"adminState":"draining"}'` },
    { label: 'Fetch the script that prepares a backend', command: `curl -fsS ${auth} -OJ "${origin}${urls.prep('web', 'web1', 'linux')}"` },
    { label: 'Fetch the scripts of all backends of a farm as a zip', command: `curl -fsS ${auth} -OJ "${origin}${urls.farmPrep('web')}"` },
    { label: 'Make a link that hands out one script without a token, for an hour', command: `curl -fsS -X POST ${auth} ${json} \\\n  "${origin}${urls.prepLink('web', 'web1')}" -d '{"system":"linux","minutes":60}'` },
    { label: 'Hand in the check of a backend', command: `curl -fsS -X POST ${auth} -H 'Content-Type: text/plain' \\\n  "${origin}${urls.prepReport('web', 'web1')}" --data-binary @check.txt` },
    { label: 'Ask how far the backends of a farm are prepared', command: `curl -fsS ${auth} -H 'Accept: application/json' "${origin}${urls.farmPrep('web')}"` },
    { label: 'Let the doctor examine a farm', command: `curl -fsS -X POST ${auth} ${json} \\\n  "${origin}${urls.startDoctor}" -d '{"farm":"web"}'` },
    { label: 'Read the newest of what it found there', command: `curl -fsS ${auth} "${origin}${urls.farmDoctor('web')}"` },
    { label: 'Ask for the state of everything', command: `curl -fsS ${auth} "${origin}${urls.status}"` },
  ]
}
