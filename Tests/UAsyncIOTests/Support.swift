import UAsyncIO

/// Something that a test throws and recognizes.
struct Boom: Error, Equatable {
  var code = 0
}

/// What must hold did not.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless the condition holds: for checks inside a simulation.
func require(_ condition: Bool, _ what: String, line: Int = #line) throws {
  if !condition { throw Broken(description: "line \(line): \(what)") }
}

/// Counts objects that are alive.
final class Census {
  nonisolated(unsafe) static var alive = 0
  init() { Census.alive += 1 }
  deinit { Census.alive -= 1 }
}

/// The error that an operation throws, by the name of its type; "none" where it throws none.
@LoopActor
func errorOf(_ operation: () async throws -> Void) async -> String {
  do {
    try await operation()
    return "none"
  } catch {
    return "\(type(of: error))"
  }
}

/// The loop's time in whole milliseconds.
@LoopActor
func milliseconds() -> Int { Int(loopTime() / .milliseconds(1)) }
