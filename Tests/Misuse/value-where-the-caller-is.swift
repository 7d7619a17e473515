// A function that runs where its caller does may be called from any actor: a value that stays on the loop is not for it.
// expect: cannot exit global actor 'LoopActor'-isolated context
import UAsyncIO

final class Counter { var count = 0 }

nonisolated(nonsending) func fetch(_ task: LoopTask<Counter>) async throws -> Int {
  try await task.value.count
}
