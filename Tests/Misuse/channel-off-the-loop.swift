// expect: isolated conformance
// A channel is a sequence on the loop only.

import UAsyncIO

final class Note {}

func steal(_ channel: Channel<Note>) {
  Task.detached { for try await note in channel { print(note) } }
}
