// A task's value may share its insides with the loop's other tasks: other threads get only what is `Sendable`.
// expect: cannot exit global actor 'LoopActor'-isolated context
import UAsyncIO

final class Counter { var count = 0 }

func test(_ task: LoopTask<Counter>) async throws -> Int {
  try await Task.detached { try await task.value.count }.value
}
