// SPDX-License-Identifier: Apache-2.0
// bittorrent-tracker's server in place of the tracker under test: shows that a test judges the
// tracker and not the machine. Prints its URL as aquatic_ws does.
//
//   reference_tracker.mjs '{"certificate": PATH, "key": PATH, "denied": [INFO HASH in HEX],
//                           "interval_s": NUMBER}'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { Server } from 'bittorrent-tracker'
import { options } from './events.mjs'

const tls = options.certificate && createServer({
  cert: readFileSync(options.certificate), key: readFileSync(options.key)
})
const server = new Server({
  udp: false,
  http: false,
  ws: tls ? { server: tls } : true,
  interval: options.interval_s * 1000 * 5, // It tells peers a fifth of it.
  filter: (infoHash, _, answer) =>
    answer(options.denied.includes(infoHash) ? new Error('not allowed') : null)
})
server.on('error', error => console.error(error))
server.on('warning', warning => console.error(String(warning)))
const listener = tls || server.http
listener.listen(0, '127.0.0.1', () => {
  console.log(`${tls ? 'wss' : 'ws'}://127.0.0.1:${listener.address().port}`)
})
process.once('SIGTERM', () => process.exit(0))
