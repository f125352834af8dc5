import { createServer } from 'node:https'
import { decode, encode } from 'dns-packet'
import { certificate, key } from './certificate.ts'
import { answerEverywhere } from './every-address.ts'

/**
 * Services of a backend beside its web server:  node monitored.mjs NAME
 * HTTPS on port 443 answers the name; DNS on port 53 answers the name as the TXT record of every name. Prints "ready" when it listens.
 */
const [name = 'unnamed'] = process.argv.slice(2)

answerEverywhere([{ port: 53, address: null }], (message) => {
  const { id = 0, questions = [] } = decode(message)
  return encode({ type: 'response', id, questions, answers: questions.map((question) => ({ type: 'TXT' as const, name: question.name, data: name })) })
})
createServer({ key, cert: certificate }, (_, response) => response.end(name)).listen(443, '::', () => process.stdout.write('ready\n'))
