// SPDX-License-Identifier: Apache-2.0
// The live page of a tracker in headless Chromium, as a person sees it.
//
//   status_page.mjs '{"url": URL, "chromium": PATH, "home": FOLDER, "scheme": "light" or "dark",
//                     "width": PIXELS, "clients": [NAMES], "screenshot": PATH}'
//
// With `clients` the page is told that peers use programs of these names; with `screenshot` it is
// saved when the test ends. Everything that a person should not see, and every request that leaves
// the tracker, is a `complaint`.
// Events: `shown` with what the page says, whenever that changes; `complaint`; `failed`.
import { chromium } from 'playwright-core'
import { emit, endWith, fail, options } from './events.mjs'

const browser = await chromium.launch({
  executablePath: options.chromium,
  // No sandbox: the tests may run as root. Quiet: nothing here may look for a network.
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
  env: { ...process.env, HOME: options.home }
})
const page = await browser.newPage({
  viewport: { width: options.width, height: 900 }, colorScheme: options.scheme
})
endWith(async () => {
  if (options.screenshot) await page.screenshot({ path: options.screenshot, fullPage: true })
  await browser.close()
})

const complain = message => emit('complaint', { message })
const origin = new URL(options.url).origin
page.on('pageerror', error => complain(String(error)))
page.on('crash', () => fail('the page has crashed'))
page.on('dialog', dialog => {
  complain(`a dialog: ${dialog.message()}`)
  dialog.dismiss()
})
page.on('console', message => complain(`console: ${message.text()}`))
page.on('request', request => {
  const url = request.url()
  if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) complain(`asks for ${url}`)
})
if (options.clients) {
  await page.route('**/stats.json', async route => {
    const response = await route.fetch()
    const stats = await response.json()
    stats.clientShare = options.clients.map((name, index) => ({ name, peers: 10 - index }))
    await route.fulfill({ response, json: stats })
  })
}

// What there is to see, as text.
function look () {
  const text = selector => document.querySelector(selector)?.textContent.trim() ?? ''
  const root = document.documentElement
  return {
    state: text('#state'),
    version: text('#version'),
    tiles: Object.fromEntries([...document.querySelectorAll('.tile')].map(
      tile => [tile.querySelector('h3').textContent, tile.querySelector('.figure').textContent])),
    charts: [...document.querySelectorAll('.chart svg')].map(svg => svg.getAttribute('aria-label')),
    clients: [...document.querySelectorAll('#clients tbody th')].map(cell => cell.textContent),
    pressed: text('#ranges [aria-pressed="true"]'),
    isTooWide: root.scrollWidth > root.clientWidth,
    imageCount: document.images.length,
    background: getComputedStyle(document.body).backgroundColor
  }
}

await page.goto(options.url)
let shown = ''
const report = async () => {
  const now = await page.evaluate(look)
  if (JSON.stringify(now) === shown) return
  shown = JSON.stringify(now)
  emit('shown', now)
}
// Each range once, then back to the first.
for (const range of ['hour', 'day', 'minutes']) {
  await page.click(`[data-range="${range}"]`)
  await report()
}
setInterval(() => report().catch(fail), 200)
