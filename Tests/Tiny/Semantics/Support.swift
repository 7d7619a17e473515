// A test runner of two screens, for machines that have nothing: the same tests run on Linux and on both boards.
//
// Each test runs in virtual time, and must leave no task behind. What fails is written and counted, and the program's
// status tells the number.

import UAsyncIO

nonisolated(unsafe) private var failures = 0
nonisolated(unsafe) private var checks = 0
nonisolated(unsafe) private var tests = 0
nonisolated(unsafe) private var name: StaticString = ""
nonisolated(unsafe) private var began: Int64 = 0

/// How many seeds a property is tried under.
#if os(Linux)
  let manySeeds: UInt64 = 1000
#else
  let manySeeds: UInt64 = 40
#endif

/// Notes a failure unless the condition holds.
func require(_ condition: Bool, _ what: StaticString, line: Int = #line) {
  checks += 1
  if !condition { fail(what, line) }
}

private func fail(_ what: StaticString, _ line: Int) {
  failures += 1
  writeText("FAILED: ")
  writeText(name)
  writeText(": line ")
  writeNumber(line)
  writeText(": ")
  writeText(what)
  writeText("\n")
}

/// Runs a property's test.
func test(_ property: StaticString, _ body: @escaping Coroutine<Void>) {
  name = property
  tests += 1
  simulate(.fifo, body)
}

/// Runs a property's test in many orders of tasks.
func testSeeds(_ property: StaticString, _ body: @escaping Coroutine<Void>) {
  name = property
  tests += 1
  let before = failures
  for seed in 0..<manySeeds {
    simulate(.seeded(seed), body)
    if failures > before {
      writeText("  under seed ")
      writeNumber(Int(seed))
      writeText("\n")
      return
    }
  }
}

private func simulate(_ order: LoopOrder, _ body: @escaping Coroutine<Void>) {
  began = loopNanoseconds()
  do throws(TaskError) {
    // Test bodies are long functions, and gather many.
    try run(clock: .virtual, order: order, size: MemoryLayout<Int>.size * 1024, body)
  } catch {
    fail("threw", 0)
    writeText("  ")
    writeError(error)
    writeText("\n")
  }
  var left = 0
  forEachTask { _ in left += 1 }
  if left > 0 { fail("tasks are left behind", 0) }
}

/// Writes how it went, and returns the program's status.
func summary() -> Int32 {
  writeNumber(tests)
  writeText(" tests, ")
  writeNumber(checks)
  writeText(" checks, ")
  writeNumber(failures)
  writeText(failures == 1 ? " failure\n" : " failures\n")
  return failures == 0 ? 0 : 1
}

/// Milliseconds of the loop's time since the test began.
func milliseconds() -> Int { Int((loopNanoseconds() - began) / 1_000_000) }

/// The error that an operation throws.
func errorOf(_ operation: Coroutine<Void>) async -> TaskError? {
  do throws(TaskError) {
    try await operation()
    return nil
  } catch {
    return error
  }
}

extension Result where Failure == TaskError {
  var failure: TaskError? {
    if case .failure(let error) = self { error } else { nil }
  }

  var isCancelled: Bool { failure == .cancelled }
}

/// Calls a function when it is destroyed.
final class Mourner {
  private let mourn: () -> Void

  init(_ mourn: @escaping () -> Void) { self.mourn = mourn }

  deinit { mourn() }
}

/// Something that counts as long as it lives.
final class Subject {
  nonisolated(unsafe) static var alive = 0
  init() { Subject.alive += 1 }
  deinit { Subject.alive -= 1 }
}
