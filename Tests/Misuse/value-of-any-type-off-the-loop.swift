// Awaiting a value is short where the type says that it is `Sendable`; a type that may be any type says nothing.
// expect: cannot exit global actor 'LoopActor'-isolated context
import UAsyncIO

func fetch<Value>(_ task: LoopTask<Value>) async throws -> Value {
  try await task.value
}
