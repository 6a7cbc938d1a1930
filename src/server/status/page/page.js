// The live page of a tracker. Numbers come from stats.json, once a second from stats/events, and
// what was before from stats/history. Nothing is asked of anybody else.
//
// Texts that strangers had a hand in, as the names of clients, become text nodes and nothing else.
'use strict'

const POLL_MS = 5000
// Without a sign of life for so long the connection counts as lost.
const SILENCE_MS = 6000
const RETRY_MS = 5000
const MINUTES_POINTS = 300
const MAX_CLIENTS = 12

const PROTOCOLS = [['udp', 'UDP', 'a'], ['http', 'HTTP', 'b'], ['ws', 'WebTorrent', 'c']]
const FAMILIES = ['ipv4', 'ipv6']
const SWARMS = [['bittorrent', 'ipv4', 'IPv4', 'a'], ['bittorrent', 'ipv6', 'IPv6', 'b'],
  ['webtorrent', 'ipv4', 'WebTorrent IPv4', 'c'], ['webtorrent', 'ipv6', 'WebTorrent IPv6', 'd']]

// ---- Figures as people read them

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const threeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

function scaled (value, base, units) {
  let unit = 0
  while (Math.abs(value) >= base * 0.9995 && unit < units.length - 1) {
    value /= base
    unit++
  }
  return [(value < 1000 ? threeDigits : whole).format(value), units[unit]]
}
// Each gives the number and its unit.
const thousands = value => scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P'])
const count = value => value >= 1e5 ? thousands(value) : [(value < 10 ? tenths : whole).format(value), '']
const bytes = value => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])
const bits = value => scaled(value * 8, 1000, ['bit', 'kbit', 'Mbit', 'Gbit', 'Tbit'])
const micros = value => scaled(value, 1000, ['µs', 'ms', 's'])
const joined = parts => parts.filter(part => part !== '').join(' ')
const perSecond = format => value => [format(value)[0], `${format(value)[1]}/s`]

function duration (seconds) {
  const units = [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]]
  const at = seconds >= 1 ? units.findIndex(([, size]) => seconds >= size) : units.length - 1
  return units.slice(at, at + (at < 2 ? 2 : 1)).map(([name, size], index) => {
    const number = Math.floor((index === 0 ? seconds : seconds % units[at][1]) / size)
    return `${number} ${name}${number === 1 ? '' : 's'}`
  }).join(', ')
}

const timeOf = (seconds, exact) => new Date(seconds * 1000).toLocaleTimeString([], {
  hour: '2-digit', minute: '2-digit', ...(exact && { second: '2-digit' }), hourCycle: 'h23'
})

// ---- Elements

const byId = id => document.getElementById(id)

function element (name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

function drawn (name, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

const setText = (node, text) => { if (node.textContent !== text) node.textContent = text }

// ---- Series: by name, arrays of equal length, the newest last

class Series {
  constructor (history = {}) {
    this.step = history.stepSeconds ?? 1
    this.end = history.endTime ?? 0
    this.length = history.points ?? 0
    this.values = history.series ?? {}
  }

  of (name, index) { return this.values[name]?.[index] ?? 0 }

  // What came a second later. Points that were missed stay as the last one was.
  add (time, rates) {
    const steps = this.length === 0 ? 1 : Math.min(Math.max(time - this.end, 1), MINUTES_POINTS)
    for (const name of new Set([...Object.keys(this.values), ...Object.keys(rates)])) {
      const values = this.values[name] ??= new Array(this.length).fill(0)
      for (let i = 1; i < steps; i++) values.push(values[values.length - 1] ?? 0)
      values.push(rates[name] ?? 0)
      values.splice(0, values.length - MINUTES_POINTS)
    }
    this.length = Math.min(this.length + steps, MINUTES_POINTS)
    this.end = time
  }

  sums (names) {
    const sums = new Array(this.length).fill(0)
    for (const name of names) {
      const values = this.values[name]
      if (values) for (let i = 0; i < sums.length; i++) sums[i] += values[i]
    }
    return sums
  }
}

const state = { range: 'minutes', minutes: new Series(), shown: null, rates: {}, stats: null,
  uptime: 0, heardAt: 0 }
const shownSeries = () => state.range === 'minutes' ? state.minutes : state.shown ?? new Series()

// ---- Charts

const both = (protocol, what) => FAMILIES.map(family => `${protocol}_${family}_${what}`)
const traffic = what => PROTOCOLS.map(([id, label, color]) => ({ label, color, names: both(id, what) }))
const swarms = what => SWARMS.map(([kind, family, label, color]) =>
  ({ label, color, names: [`${kind}_${family}_${what}`] }))

// `marks` writes the numbers of the vertical axis, `format` those that one points at.
const CHARTS = [
  { title: 'Requests', unit: 'a second', marks: thousands, format: count, isStacked: true,
    lines: traffic('requests') },
  { title: 'Peers', marks: thousands, format: count, isStacked: true, lines: swarms('peers') },
  { title: 'Time to answer announces', unit: '99 %; dashed: half', marks: micros,
    format: micros, isLogarithmic: true,
    lines: PROTOCOLS.flatMap(([id, label, color]) => [
      { label, color, names: [`${id}_p99_us`], pointed: `${label} 99 %` },
      { label: '', color, names: [`${id}_p50_us`], pointed: `${label} half`, isDashed: true }]) },
  { title: 'Torrents', marks: thousands, format: count, isStacked: true, lines: swarms('torrents') },
  { title: 'Network', unit: 'a second', marks: bits, format: bits, lines: [
    { label: 'sent', color: 'a', names: ['sent_bytes'] },
    { label: 'received', color: 'b', names: ['received_bytes'] }] },
  { title: 'Errors and limits', unit: 'a second', marks: thousands, format: count, lines: [
    { label: 'error responses', color: 'b', names: PROTOCOLS.flatMap(([id]) => both(id, 'errors')) },
    { label: 'turned away or lost', color: 'c', names: ['troubles'] }] }
]

// Ends of three or four equal steps from 0 to above the largest value.
function ticks (largest) {
  if (largest <= 0) return [0, 1]
  const rough = largest / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= rough)
  return Array.from({ length: Math.ceil(largest / step - 1e-9) + 1 }, (_, index) => index * step)
}

// Powers of ten around what is more than 0.
function decades (smallest, largest) {
  if (largest <= 0) return [1, 10]
  const first = Math.floor(Math.log10(smallest))
  const last = Math.max(Math.ceil(Math.log10(largest)), first + 1)
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
}

function pathOf (points) {
  let path = ''
  let isDown = false
  for (const [x, y] of points) {
    if (y === null) {
      isDown = false
    } else {
      path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`
      isDown = true
    }
  }
  return path
}

class Chart {
  constructor (options) {
    this.options = options
    this.keys = element('span', { class: 'keys' })
    this.caption = element('figcaption', {}, element('h3', {}, options.title,
      ...(options.unit ? [element('small', {}, options.unit)] : [])))
    this.svg = drawn('svg', { role: 'img', tabindex: '0', 'aria-label': options.title })
    this.tip = element('div', { class: 'tip', hidden: '' })
    this.empty = element('p', { class: 'empty' }, 'nothing yet')
    this.node = element('figure', { class: 'card chart' }, this.caption, this.svg, this.tip, this.empty)
    this.at = null
    this.svg.addEventListener('pointermove', event => this.point(event))
    this.svg.addEventListener('pointerleave', () => this.leave())
    this.svg.addEventListener('blur', () => this.leave())
    this.svg.addEventListener('keydown', event => this.step(event))
  }

  // Which lines have something to show, with their values, and where they begin if they are stacked.
  layout (series) {
    const { lines, isStacked } = this.options
    let base = new Array(series.length).fill(0)
    return lines.map(line => ({ line, values: series.sums(line.names) }))
      .filter(({ values }) => values.some(value => value > 0))
      .map(layer => {
        const from = base
        if (isStacked) base = layer.values.map((value, index) => value + from[index])
        return { ...layer, from, to: isStacked ? base : layer.values }
      })
  }

  draw () {
    const series = shownSeries()
    const layers = this.layers = this.layout(series)
    this.series = series
    this.empty.hidden = layers.length > 0
    this.drawKeys(layers)
    const width = this.width = this.svg.clientWidth || 400
    const height = this.svg.clientHeight || 176
    const { isLogarithmic } = this.options
    const largest = largestOf(layers.map(({ to }) => largestOf(to)))
    const marks = isLogarithmic
      ? decades(Math.min(...layers.map(({ to }) => smallestOf(to))), largest) : ticks(largest)
    const labels = marks.map(mark => joined(this.options.marks(mark)))
    const left = this.left = Math.max(...labels.map(label => label.length)) * 6.2 + 10
    const top = 8
    const bottom = height - 20
    const last = Math.max(series.length - 1, 1)
    const x = this.x = index => left + (width - left - 4) * index / last
    const scale = value => isLogarithmic ? Math.log10(value) : value
    const [low, high] = [scale(marks[0]), scale(marks[marks.length - 1])]
    const y = value => bottom - (bottom - top) * (scale(value) - low) / (high - low)
    const nodes = marks.map(mark => drawn('line', {
      class: 'gridline', x1: left, x2: width - 4, y1: y(mark), y2: y(mark) }))
    marks.forEach((mark, index) => nodes.push(
      drawn('text', { x: left - 8, y: y(mark) + 4, 'text-anchor': 'end' }, labels[index])))
    nodes.push(...this.timeLabels(series, height))
    for (const { line, from, to } of layers) {
      const points = to.map((value, index) =>
        [x(index), isLogarithmic && value === 0 ? null : y(value)])
      if (this.options.isStacked) {
        const back = from.map((value, index) => [x(index), y(value)]).reverse()
        nodes.push(drawn('path', { class: `fill ${line.color}`, d: `${pathOf([...points, ...back])}Z` }))
      }
      nodes.push(drawn('path', { class: `curve ${line.color}${line.isDashed ? ' dashed' : ''}`,
        d: pathOf(points) }))
    }
    this.cursor = drawn('line', { class: 'cursor', y1: top, y2: bottom, visibility: 'hidden' })
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.svg.replaceChildren(...nodes, this.cursor)
    this.svg.setAttribute('aria-label', `${this.options.title}: ${this.summary(series.length - 1)}`)
    this.show()
  }

  drawKeys (layers) {
    const named = layers.filter(({ line }) => line.label !== '')
    const wanted = named.map(({ line }) => line.label).join()
    if (wanted === this.wanted) return
    this.wanted = wanted
    this.caption.replaceChildren(this.caption.firstChild, ...named.map(({ line }) =>
      element('span', { class: `key ${line.color}` }, element('span', {}, line.label))))
  }

  // At whole minutes, quarters or hours of the day, as the viewer's clock has them.
  timeLabels (series, height) {
    if (series.length < 2) return []
    const interval = series.step >= 120 ? 4 * 3600 : series.step >= 15 ? 900 : 60
    const labels = [drawn('text', { x: this.width - 4, y: height - 4, 'text-anchor': 'end' }, 'now')]
    const begin = series.end - (series.length - 1) * series.step
    const zone = new Date(series.end * 1000).getTimezoneOffset() * 60
    const first = Math.ceil((begin - zone) / interval) * interval + zone
    for (let seconds = first; seconds < series.end; seconds += interval) {
      const x = this.x((seconds - begin) / series.step)
      if (x < this.left + 12 || x > this.width - 52) continue
      labels.push(drawn('text', { x, y: height - 4, 'text-anchor': 'middle' }, timeOf(seconds, false)))
    }
    return labels
  }

  summary (index) {
    if (this.layers.length === 0) return 'nothing yet'
    return this.layers.map(({ line, values }) =>
      `${line.pointed ?? line.label} ${joined(this.options.format(values[index] ?? 0))}`).join(', ')
  }

  point (event) {
    const box = this.svg.getBoundingClientRect()
    const share = (event.clientX - box.left - this.left) / (this.width - this.left - 4)
    this.at = Math.round(Math.min(Math.max(share, 0), 1) * (this.series.length - 1))
    this.show()
  }

  step (event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key]
    if (event.key === 'Escape') return this.leave()
    if (!by) return
    event.preventDefault()
    const last = this.series.length - 1
    this.at = Math.min(Math.max((this.at ?? last) + by, 0), last)
    this.show()
  }

  leave () {
    this.at = null
    this.show()
  }

  show () {
    const isShown = this.at !== null && this.at < this.series.length && this.layers.length > 0
    this.tip.hidden = !isShown
    this.cursor.setAttribute('visibility', isShown ? 'visible' : 'hidden')
    if (!isShown) return
    const x = this.x(this.at)
    this.cursor.setAttribute('x1', x)
    this.cursor.setAttribute('x2', x)
    const seconds = this.series.end - (this.series.length - 1 - this.at) * this.series.step
    const rows = this.layers.map(({ line, values }) => element('div',
      { class: `key ${line.color}${line.isDashed ? ' dashed' : ''}` },
      element('span', {}, `${line.pointed ?? line.label} `), element('b', {}, joined(this.options.format(values[this.at])))))
    this.tip.replaceChildren(element('div', {}, timeOf(seconds, true)), ...rows)
    const room = this.node.clientWidth - this.tip.offsetWidth - 12
    this.tip.style.left = `${Math.max(8, x + 34 > room ? x - this.tip.offsetWidth : x + 34)}px`
  }
}

// Math.max(...) has a limit, and this does not.
function largestOf (values) {
  let largest = 0
  for (const value of values) if (value > largest) largest = value
  return largest
}

// Of those above 0.
function smallestOf (values) {
  let smallest = Infinity
  for (const value of values) if (value > 0 && value < smallest) smallest = value
  return smallest
}

// ---- Tiles: the numbers that matter, and the last minutes of each

const sum = (rates, names) => names.reduce((total, name) => total + (rates[name] ?? 0), 0)
const all = what => PROTOCOLS.flatMap(([id]) => both(id, what))
const ofSwarms = what => SWARMS.map(([kind, family]) => `${kind}_${family}_${what}`)
const split = (rates, parts) => parts.map(([label, names, format]) => [label, sum(rates, names), format])
  .filter(([, value]) => value > 0)
  .map(([label, value, format]) => `${label} ${joined(format(value))}`).join(' · ')

const TILES = [
  { title: 'Requests', format: perSecond(count), names: all('requests'),
    beside: rates => split(rates, PROTOCOLS.map(([id, label]) => [label, both(id, 'requests'), count])) },
  { title: 'Peers', format: count, names: ofSwarms('peers'),
    beside: rates => split(rates, FAMILIES.map(family =>
      [family.replace('ip', 'IP'), [`bittorrent_${family}_peers`, `webtorrent_${family}_peers`], count])) },
  { title: 'Torrents', format: count, names: ofSwarms('torrents'),
    beside: rates => split(rates, FAMILIES.map(family =>
      [family.replace('ip', 'IP'), [`bittorrent_${family}_torrents`, `webtorrent_${family}_torrents`], count])) },
  { title: 'Connections', format: count, names: ['connections'],
    beside: rates => split(rates, [['in', ['received_bytes'], perSecond(bits)],
      ['out', ['sent_bytes'], perSecond(bits)]]) }
]

class Tile {
  constructor (options) {
    this.options = options
    this.number = document.createTextNode('–')
    this.unit = element('small')
    this.beside = element('p', { class: 'beside' }, '\u00a0')
    this.curve = drawn('path', { class: 'curve a' })
    this.fill = drawn('path', { class: 'fill a' })
    this.node = element('div', { class: 'tile' }, element('h3', {}, options.title),
      element('p', { class: 'figure' }, this.number, this.unit), this.beside,
      drawn('svg', { viewBox: '0 0 100 40', preserveAspectRatio: 'none', 'aria-hidden': 'true',
        focusable: 'false' }, this.fill, this.curve))
    this.curve.setAttribute('vector-effect', 'non-scaling-stroke')
  }

  draw () {
    const { names, format, beside } = this.options
    const [number, unit] = format(sum(state.rates, names))
    if (this.number.data !== number) this.number.data = number
    setText(this.unit, unit)
    setText(this.beside, beside(state.rates) || '\u00a0')
    const values = state.minutes.sums(names)
    const largest = largestOf(values)
    if (values.length < 2 || largest === 0) return
    // What changes by less than a tenth looks as calm as it is.
    const least = Math.min(Math.min(...values), 0.9 * largest)
    const points = values.map((value, index) =>
      [100 * index / (values.length - 1), 30 - 26 * (value - least) / (largest - least)])
    const line = pathOf(points)
    this.curve.setAttribute('d', line)
    this.fill.setAttribute('d', `${line}L100 40L0 40Z`)
  }
}

// ---- Tables

// Each row is a heading and its cells; a cell is text or a node.
function fillTable (id, columns, rows, nothing) {
  const table = byId(id)
  const heading = text => element('th', { scope: 'col' }, text)
  const body = rows.map(([head, ...cells]) => element('tr', {},
    element('th', { scope: 'row' }, ...[head].flat()), ...cells.map(cell => element('td', {}, cell))))
  if (rows.length === 0) {
    body.push(element('tr', {}, element('td', { class: 'none', colspan: columns.length || 1 }, nothing)))
  }
  const head = columns.length > 0 && rows.length > 0
    ? [element('thead', {}, element('tr', {}, ...columns.map(heading)))] : []
  table.replaceChildren(table.caption, ...head, element('tbody', {}, ...body))
}

const label = Object.fromEntries(PROTOCOLS.map(([id, text]) => [id, text]))
const plain = format => value => joined(format(value))

// A name with a bar that says how large its share is.
function share (name, part, whole) {
  const inner = element('i')
  inner.style.width = `${whole > 0 ? 100 * part / whole : 0}%`
  return [name, element('span', { class: 'share', 'aria-hidden': 'true' }, inner)]
}

function fillTraffic () {
  const rows = state.stats.traffic.map(({ protocol, ipVersion, responses, requests }) => {
    const rate = what => plain(count)(state.rates[`${protocol}_ipv${ipVersion}_${what}`] ?? 0)
    const total = Object.values(requests).reduce((a, b) => a + b, 0)
    return [`${label[protocol]} IPv${ipVersion}`, rate('requests'), rate('responses'), rate('errors'),
      plain(count)(total)]
  })
  fillTable('traffic', ['', 'Requests', 'Responses', 'Errors', 'In all'], rows, 'Nothing is served.')
}

function fillSwarms () {
  const rows = state.stats.swarms.map(swarm => {
    const { kind, ipVersion, torrents, peers, seeders, peersPerTorrent: spread } = swarm
    const name = `${kind === 'webtorrent' ? 'WebTorrent ' : ''}IPv${ipVersion}`
    const small = spread && torrents > 0
      ? [element('small', {}, `peers of a torrent: half have ${whole.format(spread.p50)} at most, ` +
          `one in ten ${whole.format(spread.p90)} or more, the largest ${whole.format(spread.max)}`)]
      : []
    return [[name, ...small], plain(count)(torrents), plain(count)(peers),
      seeders === null ? '–' : plain(count)(seeders)]
  })
  fillTable('swarms', ['', 'Torrents', 'Peers', 'Seeders'], rows, 'None.')
}

function fillLatencies () {
  const rows = state.stats.latencies.map(({ protocol, action, p50Us, p99Us, p999Us, maxUs }) =>
    [`${label[protocol]} ${action.replace('_', ' ')}`, ...[p50Us, p99Us, p999Us, maxUs].map(plain(micros))])
  fillTable('latencies', ['', 'Half', '99 %', '99.9 %', 'Longest'], rows, 'Nothing was asked yet.')
}

function fillConnections () {
  const { open, webTorrent, accepted, handshakes, resumedHandshakes } = state.stats.connections
  fillTable('connections', [], [
    ['Open', plain(count)(open)],
    ['of them WebTorrent', plain(count)(webTorrent)],
    ['Accepted so far', plain(count)(accepted)],
    ['TLS handshakes', plain(count)(handshakes)],
    ['of them resumed', plain(count)(resumedHandshakes)],
    ['Access list entries', plain(count)(state.stats.accessListEntries)]])
}

function fillClients () {
  const clients = state.stats.clientShare
  const total = clients.reduce((peers, client) => peers + client.peers, 0)
  const shown = clients.slice(0, MAX_CLIENTS)
  const rest = clients.slice(MAX_CLIENTS).reduce((peers, client) => peers + client.peers, 0)
  if (rest > 0) shown.push({ name: 'Others', peers: rest })
  fillTable('clients', [], shown.map(({ name, peers }) =>
    [share(name, peers, total), `${(100 * peers / total).toFixed(1)} %`]), 'Not counted.')
}

function fillMemory () {
  const parts = state.stats.memory
  const total = largestOf(parts.map(part => part.bytes))
  byId('memory').parentNode.hidden = parts.length === 0
  fillTable('memory', [], parts.map(part =>
    [share(sentence(part.part), part.bytes, total), plain(bytes)(part.bytes)]), 'Not counted.')
}

function fillProcess () {
  const { process: now, time } = state.stats
  byId('process').parentNode.hidden = !now
  if (!now) return
  const before = state.processBefore
  state.processBefore = { time, milliseconds: now.cpuMilliseconds }
  if (before && time > before.time) {
    state.cpuShare = (now.cpuMilliseconds - before.milliseconds) / (10 * (time - before.time))
  }
  const share = state.cpuShare
  fillTable('process', [], [
    ['CPU, of one core', share === undefined || share < 0 ? '–' : `${tenths.format(share)} %`],
    ['CPU time so far', duration(Math.round(now.cpuMilliseconds / 1000))],
    ['Memory in use', plain(bytes)(now.residentBytes)],
    ['Open files', `${whole.format(now.openFds)} of ${whole.format(now.maxFds)}`]])
}

// "udp_bad_connection_ids" as "UDP bad connection ids"
function sentence (name) {
  const upper = {
    udp: 'UDP', tcp: 'TCP', http: 'HTTP', tls: 'TLS', ip: 'IP', ipv4: 'IPv4', ipv6: 'IPv6',
    ws: 'WebTorrent', webtorrent: 'WebTorrent', bittorrent: 'BitTorrent'
  }
  const words = name.split('_').map(word => upper[word] ?? word)
  return [words[0].charAt(0).toUpperCase() + words[0].slice(1), ...words.slice(1)].join(' ')
}

function fillTroubles () {
  const troubles = state.stats.troubles
  const seen = troubles.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count)
  fillTable('troubles', [], seen.map(({ name, help, count: times }) =>
    [[sentence(name), element('small', {}, help)], plain(count)(times)]), 'Nothing so far.')
  const quiet = troubles.length - seen.length
  setText(byId('quiet'), seen.length > 0 && quiet > 0 ? `${quiet} other kinds have not happened.` : '')
}

function fillTables () {
  fillTraffic()
  fillSwarms()
  fillLatencies()
  fillConnections()
  fillClients()
  fillProcess()
  fillMemory()
  fillTroubles()
}

// ---- What comes in

const tiles = TILES.map(options => new Tile(options))
const charts = CHARTS.map(options => new Chart(options))

function drawAll () {
  for (const tile of tiles) tile.draw()
  for (const chart of charts) chart.draw()
}

function setState (name, text) {
  const node = byId('state')
  node.dataset.state = name
  setText(node, text)
}

async function fetchJson (url) {
  const response = await fetch(url, { cache: 'no-store' })
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  return response.json()
}

async function loadHistory () {
  const range = state.range
  const series = new Series(await fetchJson(`stats/history?range=${range}`))
  if (range !== state.range) return
  if (range === 'minutes') state.minutes = series
  else state.shown = series
  drawAll()
}

function takeSecond ({ time, uptimeSeconds, rates }) {
  const isAnother = uptimeSeconds < state.uptime // The tracker was started again.
  state.rates = rates
  state.uptime = uptimeSeconds
  state.heardAt = Date.now()
  setText(byId('uptime'), ` · up ${duration(uptimeSeconds)}`)
  setState('live', 'live')
  if (isAnother) state.minutes = new Series()
  state.minutes.add(time, rates)
  if (document.hidden) return
  for (const tile of tiles) tile.draw()
  if (state.range === 'minutes') for (const chart of charts) chart.draw()
}

async function poll () {
  if (document.hidden) return
  try {
    const stats = state.stats = await fetchJson('stats.json')
    setText(byId('version'), stats.version)
    // As long as events come they are newer.
    if (Date.now() - state.heardAt > SILENCE_MS) takeSecond(stats)
    fillTables()
  } catch {
    if (Date.now() - state.heardAt > SILENCE_MS) setState('lost', 'no connection')
  }
}

function listen () {
  const source = new EventSource('stats/events')
  source.addEventListener('second', event => takeSecond(JSON.parse(event.data)))
  source.addEventListener('error', () => {
    // It tries again by itself, unless it was refused.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS)
  })
}

function choose (button) {
  state.range = button.dataset.range
  state.shown = null
  for (const other of byId('ranges').children) {
    other.setAttribute('aria-pressed', String(other === button))
  }
  loadHistory().catch(() => {})
}

async function begin () {
  byId('tiles').append(...tiles.map(tile => tile.node))
  byId('charts').append(...charts.map(chart => chart.node))
  byId('ranges').addEventListener('click', event => {
    const button = event.target.closest('button')
    if (button) choose(button)
  })
  new ResizeObserver(() => { for (const chart of charts) chart.draw() }).observe(byId('charts'))
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    loadHistory().catch(() => {})
    poll()
  })
  setInterval(poll, POLL_MS)
  // Long ranges change more slowly than the page is looked at.
  setInterval(() => { if (state.range !== 'minutes') loadHistory().catch(() => {}) }, 15000)
  await Promise.allSettled([loadHistory(), poll()])
  listen()
}

begin()
