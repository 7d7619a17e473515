// A wait suspends, and only an async function can be suspended.
// expect: 'async' call in a function that does not support concurrency
import UAsyncIO

func pause() throws {
  try sleep(1)
}
