// SPDX-License-Identifier: Apache-2.0
// How these programs talk to the tests that start them: options are one JSON argument, events are
// lines of JSON on stdout, SIGTERM ends the program after it has tidied up.

export const options = JSON.parse(process.argv[2] ?? '{}')

export function emit (event, details = {}) {
  process.stdout.write(JSON.stringify({ event, ...details }) + '\n')
}

// Runs `tidyUp` on SIGTERM, then ends.
export function endWith (tidyUp) {
  process.once('SIGTERM', async () => {
    await tidyUp()
    process.exit(0)
  })
}

export function fail (error) {
  emit('failed', { message: error?.message ?? String(error) })
  process.exit(1)
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
