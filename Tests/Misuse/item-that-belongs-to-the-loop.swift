// expect: non-Sendable
// An item of a queue stays on the loop unless it is `Sendable`.

import UAsyncIO

final class Note {}

func steal(_ queue: Queue<Note>) {
  Task.detached { _ = try await queue.get() }
}
