// Writing without strings: Swift's `String` would be half of a small program.

import CTiny
import Scheduler

/// Writes a literal to the board's console, or to the standard output, at once.
public func writeText(_ text: StaticString) {
  text.utf8Start.withMemoryRebound(to: CChar.self, capacity: text.utf8CodeUnitCount) {
    tiny_board_write($0, text.utf8CodeUnitCount)
  }
}

/// Writes a number in decimal.
public func writeNumber(_ number: Int) {
  if number < 0 { writeText("-") }
  var rest = number.magnitude
  var divisor: UInt = 1
  while rest / divisor >= 10 { divisor *= 10 }
  while divisor > 0 {
    var digit = CChar(truncatingIfNeeded: 48 + rest / divisor)
    tiny_board_write(&digit, 1)
    rest %= divisor
    divisor /= 10
  }
}

/// Writes what an error is called, and its number if it has one.
public func writeError(_ error: TaskError) {
  writeZeroTerminated(error.label)
  if error.code != 0 {
    writeText(" ")
    writeNumber(error.code)
  }
}

@inline(never)
func writeZeroTerminated(_ text: UnsafePointer<CChar>) {
  var count = 0
  while text[count] != 0 { count += 1 }
  tiny_board_write(text, count)
}

/// Writes a task's name: the one that it was given, or `task-` and a number.
@inline(never)
func writeName(of object: TaskObject) {
  guard let label = object.record.label else {
    writeText("task-")
    return writeNumber(Int(truncatingIfNeeded: object.record.node.id))
  }
  label.withMemoryRebound(to: CChar.self, capacity: 1) { writeZeroTerminated($0) }
}
