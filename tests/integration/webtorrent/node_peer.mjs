// SPDX-License-Identifier: Apache-2.0
// A WebTorrent peer in Node.
//
//   node_peer.mjs '{"role": "seed" or "leech", "tracker": URL, "torrent": PATH, "content": PATH,
//                   "folder": PATH}'
//
// Whatever is no WebRTC is off. Events are those of browser_peer.mjs.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import WebTorrent from 'webtorrent'
import { emit, endWith, fail, options } from './events.mjs'

const client = new WebTorrent({
  dht: false,
  lsd: false,
  natPmp: false,
  natUpnp: false,
  utPex: false,
  utp: false,
  tracker: { rtcConfig: { iceServers: [] } }
})
client.on('error', fail)
endWith(() => new Promise(resolve => client.destroy(resolve)))

function watch (torrent) {
  torrent.on('warning', warning => emit('warning', { message: String(warning) }))
  torrent.on('error', fail)
  return torrent
}

if (options.role === 'seed') {
  // As support/torrent.py makes it, so that it is the same torrent.
  const details = { announceList: [[options.tracker]], private: true, pieceLength: 256 * 1024 }
  watch(client.seed(options.content, details, torrent =>
    emit('seeding', { infoHash: torrent.infoHash })))
} else {
  const torrent = watch(client.add(await readFile(options.torrent), { path: options.folder }))
  torrent.on('done', async () => {
    const content = Buffer.from(await torrent.files[0].arrayBuffer())
    const sha256 = createHash('sha256').update(content).digest('hex')
    emit('downloaded', { sha256, bytes: content.length })
  })
}
