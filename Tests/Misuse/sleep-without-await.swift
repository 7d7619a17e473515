// The forgotten await, which Python passes over in silence.
// expect: expression is 'async' but is not marked with 'await'
import UAsyncIO

func pause() async throws {
  try sleep(1)
}
