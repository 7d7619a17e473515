// The asynchronous form of `simulate` runs on another thread: what it returns must be able to come back from there.
// expect: type 'Counter' does not conform to the 'Sendable' protocol
import UAsyncIO
import UAsyncIOTesting

final class Counter { var count = 0 }

func test() async throws {
  _ = try await simulate { Counter() }
}
