import { expect, test } from 'vitest'
import { consoleAddress, isLoopback } from '#components/prep/console-address.ts'
import { linkCommands } from '#lib/prep/link-commands.ts'

test.each([
  ['https://192.0.2.10:3000', 'https://192.0.2.10:3000'],
  [' http://console.example/ ', 'http://console.example'],
  ['http://[2001:db8::1]:3000', 'http://[2001:db8::1]:3000'],
])('%s is where backends reach the console, and fits into a command', (typed, address) => {
  expect(consoleAddress(typed)).toBe(address)
  expect(linkCommands('linux', `${address}/api/v1/prep-links/x`)?.apply).toContain(address)
})

test.each(['console', 'ftp://console', "http://a'b", 'http://a b', 'http://a/;reboot', 'http://user@a', 'http://a:99999', 'http://[::1', ''])('%s is none', (typed) => {
  expect(consoleAddress(typed)).toBeNull()
})

test.each([
  ['http://127.0.0.1:3000', true],
  ['http://localhost:3000', true],
  ['http://[::1]:3000', true],
  ['http://192.0.2.10:3000', false],
  ['https://console.example', false],
])('%s is only reached from the machine itself: %s', (address, only) => {
  expect(isLoopback(address)).toBe(only)
})
