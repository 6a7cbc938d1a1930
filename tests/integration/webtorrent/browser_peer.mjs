// SPDX-License-Identifier: Apache-2.0
// A WebTorrent peer in a page of headless Chromium.
//
//   browser_peer.mjs '{"role": "seed" or "leech", "tracker": URL, "torrent": PATH,
//                      "content": PATH, "chromium": PATH, "home": FOLDER}'
//
// The page, the torrent and, for who seeds, the content come from a server of our own on loopback.
// `home` may have an NSS database with the authorities that the browser shall trust.
// Events: `seeding` with the info hash, `downloaded` with a SHA-256, `warning`, `failed`.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { emit, endWith, fail, options } from './events.mjs'

// No sandbox: the tests may run as root. Quiet: nothing here may look for a network.
const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // Addresses as they are: their mDNS names could not be resolved.
  '--disable-features=WebRtcHideLocalIpsWithMdns'
]

const bundle = fileURLToPath(import.meta.resolve('webtorrent/dist/webtorrent.min.js'))
const files = {
  '/': ['text/html', Buffer.from('<!doctype html><link rel="icon" href="data:,">')],
  '/webtorrent.min.js': ['text/javascript', await readFile(bundle)],
  '/payload.torrent': ['application/x-bittorrent', await readFile(options.torrent)],
  '/payload.bin': ['application/octet-stream',
    options.role === 'seed' ? await readFile(options.content) : Buffer.alloc(0)]
}

const server = createServer((request, response) => {
  const [type, body] = files[request.url] ?? [undefined, undefined]
  response.writeHead(body ? 200 : 404, body && { 'content-type': type })
  response.end(body)
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))

const browser = await chromium.launch({
  executablePath: options.chromium,
  args: CHROMIUM_FLAGS,
  env: { ...process.env, HOME: options.home }
})
const page = await browser.newPage()
endWith(async () => {
  await browser.close()
  server.close()
})
await page.exposeFunction('emitEvent', emit)
page.on('pageerror', fail)
page.on('crash', () => fail('the page has crashed'))
page.on('console', message => emit('warning', { message: message.text() }))
await page.goto(`http://127.0.0.1:${server.address().port}/`)

// In the page.
async function runPeer ({ role, tracker }) {
  const { default: WebTorrent } = await import('/webtorrent.min.js')
  const fetched = async path => new Uint8Array(await (await fetch(path)).arrayBuffer())
  const fail = error => window.emitEvent('failed', { message: String(error) })
  const client = new WebTorrent({ tracker: { rtcConfig: { iceServers: [] } }, utPex: false })
  window.client = client
  client.on('error', fail)
  const watch = torrent => {
    torrent.on('warning', warning => window.emitEvent('warning', { message: String(warning) }))
    torrent.on('error', fail)
    return torrent
  }
  if (role === 'seed') {
    const content = new File([await fetched('/payload.bin')], 'payload.bin')
    // As support/torrent.py makes it, so that it is the same torrent.
    const details = { announceList: [[tracker]], private: true, pieceLength: 256 * 1024 }
    watch(client.seed(content, details, torrent =>
      window.emitEvent('seeding', { infoHash: torrent.infoHash })))
  } else {
    const torrent = watch(client.add(await fetched('/payload.torrent')))
    torrent.on('done', async () => {
      const content = await torrent.files[0].arrayBuffer()
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
      const sha256 = Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
      window.emitEvent('downloaded', { sha256, bytes: content.byteLength })
    })
  }
}
await page.evaluate(runPeer, { role: options.role, tracker: options.tracker })
