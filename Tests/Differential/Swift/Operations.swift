import UAsyncIO

/// What an operation came to: what its log line says, and the value that a `return` in it returns.
struct Effect {
  var said: String?
  var returned: Int?

  static let done = Effect()
  static func says(_ value: some CustomStringConvertible) -> Effect { Effect(said: value.description) }
  static func says(_ truth: Bool) -> Effect { Effect(said: truth ? "yes" : "no") }
}

extension Execution {
  /// Performs one operation: each is one call of the library.
  func act(_ operation: Expression, in strand: Strand) async throws -> Effect {
    switch operation.name {
    case "sleep":
      try await sleepMs(operation.numbers[0])
      return .done
    case "raise":
      throw Failure(value: operation.numbers[0])
    case "set", "clear", "wait", "is-set":
      return try await act(operation, on: primitives.events[operation.numbers[0]])
    case "lock", "acquire", "release", "locked":
      return try await act(operation, on: primitives.locks[operation.numbers[0]], in: strand)
    case "permit", "take", "give":
      return try await act(operation, on: primitives.semaphores[operation.numbers[0]], in: strand)
    case "put", "get", "try-put", "try-get", "count", "task-done", "join":
      return try await act(operation, on: primitives.queues[operation.numbers[0]])
    case "wait-for", "wait-for-task", "timeout", "move-limit", "remove-limit":
      return try await limit(operation, in: strand)
    case "gather", "gather-results", "wait-first", "wait-error", "wait-all":
      return try await waitForTasks(operation)
    case "gather-new", "gather-new-results", "group":
      return try await runStrands(operation)
    default:
      return try await actOnTask(operation)
    }
  }

  private func act(_ operation: Expression, on event: Event) async throws -> Effect {
    switch operation.name {
    case "set": event.set()
    case "clear": event.clear()
    case "wait": try await event.wait()
    default: return .says(event.isSet)
    }
    return .done
  }

  private func act(_ operation: Expression, on lock: Lock, in strand: Strand) async throws -> Effect {
    switch operation.name {
    case "acquire": try await lock.acquire()
    case "release": try lock.release()
    case "locked": return .says(lock.isLocked)
    default:
      return try await lock.withLock {
        note(strand, "got \(operation.title)")
        return Effect(returned: try await perform(operation.parts, in: strand))
      }
    }
    return .done
  }

  private func act(_ operation: Expression, on semaphore: LoopSemaphore, in strand: Strand) async throws -> Effect {
    switch operation.name {
    case "take": try await semaphore.acquire()
    case "give": try semaphore.release()
    default:
      return try await semaphore.withPermit {
        note(strand, "got \(operation.title)")
        return Effect(returned: try await perform(operation.parts, in: strand))
      }
    }
    return .done
  }

  private func act(_ operation: Expression, on queue: Queue<Int>) async throws -> Effect {
    switch operation.name {
    case "put": try await queue.put(operation.numbers[1])
    case "get": return .says(try await queue.get())
    case "try-put": return try queue.tryPut(operation.numbers[1]) ? .done : .says("full")
    case "try-get": return .says(try queue.tryGet().map(String.init) ?? "empty")
    case "count": return .says(queue.count)
    case "task-done": try queue.taskDone()
    default: try await queue.join()
    }
    return .done
  }

  private func actOnTask(_ operation: Expression) async throws -> Effect {
    if operation.name == "cancel-self" {
      currentTask()?.cancel()
      return .done
    }
    let number = operation.numbers[0]
    if operation.name == "spawn" {
      spawn(laters[number]!)
      return .done
    }
    guard let task = tasks[number] else { return .says("nobody") }
    switch operation.name {
    case "await": return .says(try await task.value)
    case "shield": return .says(try await shield(task))
    case "done": return .says(task.isDone)
    case "cancel": return .says(task.cancel())
    default: fatalError("unknown operation \(operation.title)")
    }
  }
}
