import UAsyncIO

nonisolated(unsafe) private var failures: Int32 = 0
nonisolated(unsafe) private var property: StaticString = "in real time"

var hasFailed: Bool { failures > 0 }

/// Names what is shown from here on.
func begin(_ name: StaticString) { property = name }

func require(_ condition: Bool, _ what: StaticString) {
  if condition { return }
  failures += 1
  say("FAILED: ", property, ": ", what)
}

private func say(_ parts: StaticString...) {
  for part in parts { writeText(part) }
  writeText("\n")
}

func say(_ one: StaticString, _ number: Int, _ other: StaticString, _ second: Int) {
  writeText(one)
  writeNumber(number)
  writeText(other)
  writeNumber(second)
  writeText("\n")
}

struct Pair {
  let client: TcpStream
  let server: TcpStream
}

func connected(_ listener: TcpListener, bufferSize: Int = 16) async throws(TaskError) -> Pair {
  let accepting = createTask { () throws(TaskError) in try await listener.accept(bufferSize: bufferSize) }
  let client = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port, bufferSize: bufferSize)
  return Pair(client: client, server: try await accepting.value)
}

extension Result where Failure == TaskError {
  var failure: TaskError? {
    if case .failure(let error) = self { error } else { nil }
  }

  var isCancelled: Bool { failure == .cancelled }
}

@main struct Streams {
  static func main() {
    useTaskSize(2048)
    do throws(TaskError) {
      try run(size: 8192, realTime)
      try run(size: 8192, flagTests)
      try sweeps()
    } catch {
      writeError(error)
      failures += 1
    }
    writeText(failures == 0 ? "streams: all is as it should be\n" : "streams: failures\n")
    exitProgram(failures)
  }
}
