import Scheduler

/// Waits for a task, and protects it from the caller's cancellation. Python: `shield(task)`.
///
/// - Returns: what the task returns.
/// - Throws: what the task throws; `CancellationError` at once if the caller is cancelled meanwhile: the task goes on, and
///   if it fails later and nobody else awaits it, the error is reported (``Loop/setExceptionHandler(_:)``);
///   ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
@LoopActor
public func shield<Success>(_ task: LoopTask<Success>) async throws -> Success {
  let object = task.object
  if object.record.phase != .finished {
    let loop = LoopCore.shared
    let reason = try await loop.wait { loop in
      if object.record.phase == .finished { throw NothingToWaitFor() }
      try loop.refuseCycle(waitingFor: CollectionOfOne(object.pointer))
      try loop.beginWait(.shielding, in: object.pointer.joiners, until: Clock.never)
    }
    if reason != nil, loop.takeCancellation() {
      // It ended in the moment in which the caller was cancelled: its error has had somebody who waited for it.
      if let error = object.error, !(error is CancellationError), object.pointer.joiners.pointee.isEmpty {
        loop.noteUnretrieved(object.pointer)
      }
      throw CancellationError()
    }
  }
  return try object.get(Success.self)
}

/// Runs a coroutine to its end, whatever becomes of the caller; see ``shield(_:)-(LoopTask<Success>)``.
@LoopActor
public func shield<Success>(_ body: @escaping @LoopActor () async throws -> Success) async throws -> Success {
  try await shield(createTask(body))
}
