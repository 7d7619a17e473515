// A function that is not on the loop cannot share with it what its caller may still use: `@LoopActor` is missing here.
// expect: sending 'counter' risks causing data races
import UAsyncIO

final class Counter { var count = 0 }

func count(_ counter: Counter) async throws {
  try await waitFor(7) { counter.count += 1 }
}
