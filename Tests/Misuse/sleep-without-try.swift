// Every wait can be cancelled, and says so by throwing.
// expect: call can throw but is not marked with 'try'
import UAsyncIO

func pause() async throws {
  await sleep(1)
}
