// The Swift side of the differential test: reads programs from the standard input, one a line, and prints what came of
// each as a line, its parts separated by tabs. `Scripts/check-differential` runs it.

import Glibc
import UAsyncIO

/// Runs one program in virtual time, and ends what is left of it.
func outcome(of program: Expression) throws -> [String] {
  let execution = try run(clock: .virtual) { try Execution(program) }
  // No other thread takes part, so there is no silence to keep before a deadlock is declared.
  let (_, end) = try ControlledRun.run(clock: .virtual, order: .fifo, simulation: nil, silence: .zero, observer: nil) {
    try await execution.main()
  }
  let lines = try run(clock: .virtual) {
    defer { execution.isOver = true }
    let outcome = try await execution.outcome()
    switch end {
    case .success: return ["came to its end"] + outcome
    case .failure(let error as DeadlockError):
      return ["cannot go on"] + outcome + execution.complaints(about: error)
    case .failure(let error): return ["failed: \(error)"] + outcome
    }
  }
  return lines + (try newEventLoop()).map { "\($0) would not end" }
}

while let line = readLine() {
  guard let program = Expression(line: line), program.name == "program" else {
    fatalError("expected a program, got \(line)")
  }
  print(try outcome(of: program).joined(separator: "\t"))
  fflush(nil)
}
