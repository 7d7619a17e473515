// The serial line as a stream, on boards: interrupts bring and fetch bytes while tasks read, write and are cancelled.
//
// The emulator counts instructions, and the other end of the line is Line.c, so every run is the same run.

import CInterrupts
import CLine
import UAsyncIO

nonisolated(unsafe) private var failures: Int32 = 0
nonisolated(unsafe) private var property: StaticString = ""

/// Names what is shown from here on.
func begin(_ name: StaticString) { property = name }

func require(_ condition: Bool, _ what: StaticString, _ point: Int = -1) {
  if condition { return }
  failures += 1
  // People are written to where the line's bytes wait to be sent: so not before the end of the line.
  line_end()
  writeText("FAILED: ")
  writeText(property)
  writeText(": ")
  writeText(what)
  writeText(", at point ")
  writeNumber(point)
  writeText("\n")
  exitProgram(1)
}

func pause(microseconds: Int) async throws(TaskError) { try await sleep(.microseconds(microseconds)) }

extension Result where Failure == TaskError {
  var failure: TaskError? {
    if case .failure(let error) = self { error } else { nil }
  }

  var isCancelled: Bool { failure == .cancelled }
}

private func all(_ uart: Uart) async throws(TaskError) {
  try await readingTests(uart)
  try await writingTests(uart)
}

@main struct Serial {
  static func main() {
    test_start()
    useTaskSize(1024)
    let uart = Uart(bufferSize: 40)
    for seed in 0..<3 as Range<UInt64> {
      let order = seed == 0 ? LoopOrder.fifo : .seeded(seed)
      do throws(TaskError) {
        try run(clock: .real, order: order, size: 3072) { () throws(TaskError) in try await all(uart) }
      } catch {
        writeError(error)
        failures += 1
      }
      // Now everything has been needed once, also what an order under a seed needs.
      if seed == 1 { sealHeap() }
    }
    line_end()
    writeText(failures == 0 ? "serial: all is as it should be\n" : "serial: failures\n")
    exitProgram(failures)
  }
}
