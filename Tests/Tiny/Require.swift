// What a test program needs that names its properties where it checks them.

import UAsyncIO

/// How many of them did not hold.
nonisolated(unsafe) var failures: Int32 = 0

/// Notes a failure unless the condition holds.
func require(_ condition: Bool, _ what: StaticString) {
  if condition { return }
  failures += 1
  writeText("FAILED: ")
  writeText(what)
  writeText("\n")
}
