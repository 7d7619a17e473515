// What a coroutine returns through `waitFor` may be shared with the loop's other tasks.
// expect: non-Sendable 'Counter'-typed
import UAsyncIO

final class Counter { var count = 0 }

@MainActor
func test() async throws -> Int {
  let counter = try await waitFor(1) { Counter() }
  return counter.count
}
