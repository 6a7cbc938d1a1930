// SPDX-License-Identifier: Apache-2.0
// A conversation of bittorrent-tracker's clients with a tracker, and through it with each other.
//
//   tracker_client.mjs '{"tracker": URL, "hashes": [HEX, HEX], "refused": HEX}'
//
// Events: what each step was answered, in the order of this file; then `done`. All clients of a
// URL share one connection: several peers of a torrent are there, and several torrents.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import Client from 'bittorrent-tracker'
import { emit, endWith, fail, options } from './events.mjs'

const clients = []
endWith(() => clients.forEach(client => client.destroy()))

// A connection of one's own takes a URL of one's own.
let connectionCount = 0
function newClient (infoHash) {
  const client = new Client({
    infoHash,
    peerId: randomBytes(20),
    announce: [`${options.tracker}/connection${connectionCount}`],
    port: 6881,
    rtcConfig: { iceServers: [] }
  })
  client.on('error', fail)
  clients.push(client)
  return client
}

// Does `what`, and tells the response.
async function step (name, client, what, event = 'update') {
  const response = once(client, event)
  what()
  const [answer] = await response
  const { complete, incomplete, infoHash, interval } = answer
  emit(name, { complete, incomplete, infoHash, interval })
}

const [first, second] = options.hashes
const seeder = newClient(first)
connectionCount++
const leecher = newClient(first)
const greetings = [seeder, leecher].map(client => new Promise(resolve => {
  client.on('peer', peer => {
    peer.on('error', () => {}) // Of several connections between two, only one has to come about.
    peer.once('connect', () => peer.send('hello'))
    peer.once('data', data => resolve(Buffer.from(data).toString()))
  })
}))

await step('started', seeder, () => seeder.start({ left: 0 }))
await step('joined', leecher, () => leecher.start({ left: 5 }))
// Over WebRTC, to which the tracker has led both.
emit('greeted', { texts: await Promise.all(greetings) })
await step('updated', leecher, () => leecher.update({ left: 4 }))
await step('scraped', leecher, () => leecher.scrape(), 'scrape')
await step('completed', leecher, () => leecher.complete({ left: 0 }))

const other = newClient(second) // On the leecher's connection.
await step('other torrent', other, () => other.start({ left: 5 }))
await step('scraped there', other, () => other.scrape(), 'scrape')

const refused = newClient(options.refused)
const warned = once(refused, 'warning')
refused.start()
emit('refused', { message: (await warned)[0].message })

await step('left', seeder, () => seeder.stop())
await step('alone', leecher, () => leecher.update({ left: 0 }))
await step('still there', other, () => other.update({ left: 5 }))
emit('done')
