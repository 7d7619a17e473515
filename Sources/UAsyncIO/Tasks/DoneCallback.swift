extension LoopTask {
  /// Has a function called, in a turn of its own, when the task has finished; soon if it has. Python:
  /// `Task.add_done_callback(callback)`.
  ///
  /// Functions that are added to the same task are called in the order in which they were added. An error that the task
  /// threw counts as retrieved when the function asks for its `result`; else it is reported as ever.
  ///
  /// - Parameter body: the function, which is given the task. It cannot await: for that, create a task.
  @LoopActor
  public func addDoneCallback(_ body: @escaping @LoopActor (LoopTask<Success>) -> Void) {
    let loop = LoopCore.shared
    let call = Callback {
      body(self)
      if let error = object.error, !(error is CancellationError) { loop.noteUnretrieved(object.pointer) }
    }
    if isDone { return loop.post(call) }
    let gathering = Gathering.begin(until: .all)
    gathering.add(object)
    // It cannot be ended while it is being told; it goes with the callback, whether that is called or dropped.
    gathering.pointee.onEnd = { _ in
      let owner = GatheringOwner(gathering)
      loop.post(Callback { withExtendedLifetime(owner) {} })
      loop.post(call)
    }
  }

  /// How the task ended; nil as long as it has not. Never waits: ``result`` does. Python: `Task.result()`,
  /// `Task.exception()`.
  @LoopActor
  public var resultIfDone: Result<Success, any Error>? { isDone ? object.outcome(Success.self) : nil }
}

/// Ends a gathering when it goes, which must be on the loop's thread.
private final class GatheringOwner {
  private let gathering: UnsafeMutablePointer<Gathering>

  init(_ gathering: UnsafeMutablePointer<Gathering>) { self.gathering = gathering }

  deinit { gathering.end() }
}
