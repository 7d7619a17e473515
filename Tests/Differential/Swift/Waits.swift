import UAsyncIO

extension Execution {
  // MARK: - Time limits

  func limit(_ operation: Expression, in strand: Strand) async throws -> Effect {
    switch operation.name {
    case "wait-for":
      return .says(try await waitForMs(operation.numbers[0]) { try await self.run(strand: operation.parts[0]) })
    case "wait-for-task":
      guard let task = tasks[operation.numbers[1]] else { return .says("nobody") }
      return .says(try await waitForMs(task, timeout: operation.numbers[0]))
    case "timeout":
      return .says(
        try await withTimeout(.milliseconds(operation.numbers[0])) {
          try await self.run(strand: operation.parts[0], scope: $0)
        })
    case "move-limit":
      strand.scope!.deadline = loopTime() + .milliseconds(operation.numbers[0])
    default:
      strand.scope!.deadline = nil
    }
    return .done
  }

  // MARK: - Several tasks

  func waitForTasks(_ operation: Expression) async throws -> Effect {
    let numbers = operation.numbers.filter { self.tasks[$0] != nil }
    let tasks = numbers.compactMap { self.tasks[$0] }
    let condition: WaitCondition
    switch operation.name {
    case "gather": return says(try await gather(tasks))
    case "gather-results": return says(try await gatherResults(tasks))
    case "wait-first": condition = .firstCompleted
    case "wait-error": condition = .firstException
    default: condition = .allCompleted
    }
    if tasks.isEmpty { return .says("nobody") }
    let (done, pending) = try await wait(for: tasks, until: condition)
    precondition(done.allSatisfy(\.isDone) && done.count + pending.count == tasks.count)
    let ended = numbers.filter { done.contains(self.tasks[$0]!) }
    return .says("done " + ended.map(String.init).joined(separator: ", "))
  }

  /// Runs strands as tasks of their own.
  func runStrands(_ operation: Expression) async throws -> Effect {
    let bodies: [@LoopActor @Sendable () async throws -> Int] = operation.parts.map { part in
      { try await self.run(strand: part) }
    }
    switch (operation.name, bodies.count) {
    case ("group", _):
      try await withLoopTaskGroup { group in
        for body in bodies { try group.createTask(body) }
      }
      return .done
    case ("gather-new", 2):
      let results = try await gather(bodies[0], bodies[1])
      return says([results.0, results.1])
    case ("gather-new", 3):
      let results = try await gather(bodies[0], bodies[1], bodies[2])
      return says([results.0, results.1, results.2])
    case ("gather-new-results", 2):
      let results = try await gatherResults(bodies[0], bodies[1])
      return says([results.0, results.1])
    case ("gather-new-results", 3):
      let results = try await gatherResults(bodies[0], bodies[1], bodies[2])
      return says([results.0, results.1, results.2])
    default:
      fatalError("a gather of \(bodies.count) coroutines is not in the language")
    }
  }

  private func says(_ values: [Int]) -> Effect { .says(values.map(String.init).joined(separator: ", ")) }

  private func says(_ results: [Result<Int, any Error>]) -> Effect {
    .says(
      results.map { result in
        switch result {
        case .success(let value): "\(value)"
        case .failure(let error): kind(of: error)
        }
      }.joined(separator: ", "))
  }
}
