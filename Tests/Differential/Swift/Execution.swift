// Runs a program on swift-uasyncio, and tells what came of it in the same words as `reference.py` does for CPython.

import UAsyncIO

/// What `raise` throws.
struct Failure: Error {
  let value: Int
}

/// One coroutine: a task, or what a time limit or a gather runs.
@LoopActor
final class Strand {
  let number: Int
  var log: [String] = []
  /// What it is in the middle of, the outermost operation first.
  var doing: [String] = []
  var end = "never began"
  /// The time limit that it runs in, if it can be moved.
  var scope: TimeoutScope?

  init(_ number: Int) { self.number = number }

  var summary: String {
    let end = end == "began" ? "in " + doing.joined(separator: " > ") : end
    return "strand \(number): " + (log + [end]).joined(separator: "; ")
  }
}

@LoopActor
final class Execution {
  let program: Expression
  private(set) var tasks: [Int: LoopTask<Int>] = [:]
  /// The numbers of the tasks, in the order in which they were made.
  private var made: [Int] = []
  private(set) var strands: [Int: Strand] = [:]
  private(set) var laters: [Int: Expression] = [:]
  let primitives: Primitives
  /// From here on no operation does anything.
  var isOver = false

  init(_ program: Expression) throws {
    self.program = program
    primitives = try Primitives(program)
    collectStrands(program)
  }

  private func collectStrands(_ expression: Expression) {
    if ["task", "later", "strand"].contains(expression.name) {
      strands[expression.numbers[0]] = Strand(expression.numbers[0])
    }
    if expression.name == "later" { laters[expression.numbers[0]] = expression }
    for part in expression.parts { collectStrands(part) }
  }

  // MARK: - The whole

  /// Makes the tasks, and waits for all.
  func main() async throws {
    getEventLoop().setExceptionHandler { _ in }
    for definition in program.parts(named: "task") { spawn(definition) }
    var finished = 0
    while finished < made.count {
      _ = await tasks[made[finished]]?.result
      finished += 1
    }
    // What nobody waits for, such as the rest of a gather that failed, may come to its end too.
    try await sleepMs(10_000_000_000)
  }

  func spawn(_ definition: Expression) {
    let number = definition.numbers[0]
    guard tasks[number] == nil else { return }
    made.append(number)
    tasks[number] = createTask(name: "task \(number)") { try await self.run(strand: definition) }
  }

  /// Everything that is compared but the program's own end.
  func outcome() async throws -> [String] {
    var lines = strands.sorted { $0.key < $1.key }.map(\.value.summary)
    for (number, task) in tasks.sorted(by: { $0.key < $1.key }) {
      lines.append("task \(number) \(await end(of: task))")
    }
    lines += try primitives.state()
    return lines
  }

  private func end(of task: LoopTask<Int>) async -> String {
    guard task.isDone else { return "unfinished" }
    switch await task.result {
    case .success(let value): return "returned \(value)"
    case .failure(is CancellationError): return "cancelled"
    case .failure(let error): return "raised \(kind(of: error))"
    }
  }

  /// What a deadlock error says that is not so: it names every task that has not finished, and nobody else.
  func complaints(about error: DeadlockError) -> [String] {
    let named = Set(error.tasks.map(\.name).filter { $0.hasPrefix("task ") })
    let unfinished = Set(tasks.filter { !$0.value.isDone }.map { "task \($0.key)" })
    return named == unfinished
      ? [] : ["DeadlockError names \(named.sorted()), and unfinished are \(unfinished.sorted())"]
  }

  // MARK: - One coroutine

  func run(strand definition: Expression, scope: TimeoutScope? = nil) async throws -> Int {
    let strand = strands[definition.numbers[0]]!
    strand.scope = scope
    strand.end = "began"
    do {
      let value = try await perform(definition.parts, in: strand) ?? strand.number
      if !isOver { strand.end = "returned \(value)" }
      return value
    } catch {
      if !isOver { strand.end = "raised \(kind(of: error))" }
      throw error
    }
  }

  /// Performs operations one after the other. Returns the value of a `return`, or nil.
  func perform(_ operations: [Expression], in strand: Strand) async throws -> Int? {
    for operation in operations {
      if let value = try await perform(operation, in: strand) { return value }
    }
    return nil
  }

  private func perform(_ operation: Expression, in strand: Strand) async throws -> Int? {
    if isOver { throw CancellationError() }
    if operation.name == "return" { return operation.numbers[0] }
    if operation.name == "try" { return try await attempt(operation, in: strand) }
    strand.doing.append(operation.title)
    do {
      let result = try await act(operation, in: strand)
      note(strand, strand.doing.last!, result.said.map { "= \($0)" })
      if !isOver { strand.doing.removeLast() }
      return result.returned
    } catch {
      note(strand, strand.doing.last!, "! \(kind(of: error))")
      if !isOver { strand.doing.removeLast() }
      throw error
    }
  }

  func note(_ strand: Strand, _ title: String, _ result: String? = nil) {
    guard !isOver else { return }
    strand.log.append("\(milliseconds) \(title)\(result.map { " \($0)" } ?? "")")
  }

  private var milliseconds: Int64 {
    let (seconds, attoseconds) = loopTime().components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  private func attempt(_ operation: Expression, in strand: Strand) async throws -> Int? {
    let outcome: Result<Int?, any Error>
    do {
      outcome = .success(try await attemptWithoutCleanup(operation, in: strand))
    } catch {
      outcome = .failure(error)
    }
    if !isOver {
      for clause in operation.parts(named: "finally") { _ = try await perform(clause.parts, in: strand) }
    }
    return try outcome.get()
  }

  private func attemptWithoutCleanup(_ operation: Expression, in strand: Strand) async throws -> Int? {
    do {
      return try await perform(operation.parts(named: "do")[0].parts, in: strand)
    } catch {
      let name = "catch-\(kind(of: error).prefix { $0 != " " })"
      guard !isOver, let clause = operation.parts.first(where: { [name, "catch-any"].contains($0.name) }) else {
        throw error
      }
      note(strand, "caught \(kind(of: error))")
      return try await perform(clause.parts, in: strand)
    }
  }
}

/// The name of an error that both sides use.
func kind(of error: any Error) -> String {
  switch error {
  case is CancellationError: "cancelled"
  case is TimeoutError: "timeout"
  case let failure as Failure: "error \(failure.value)"
  case LoopError.notAcquired, LoopError.tooManyPermits, LoopError.tooManyDone: "misuse"
  case let group as TaskGroupError: "group of " + group.errors.map(kind).joined(separator: ", ")
  default: "\(error)"
  }
}
