import CUAsyncIO
import Scheduler

/// The loop as a whole: how to keep it running, functions that it calls, its exception handler, its figures.
/// Python: `Loop`.
///
/// There is one in a process, so this is only a name to call it by: ``getEventLoop()``. What concerns a single coroutine
/// is done by functions: ``run(clock:order:onInterrupt:_:)-8gqc5``, ``createTask(name:_:)``, ``loopTime()``.
public struct Loop: Hashable, Sendable {
  init() {}
}

/// The process's loop. Python: `get_event_loop()`, `get_running_loop()`.
public func getEventLoop() -> Loop { Loop() }

extension Loop {
  /// Whether a thread runs the loop now. Python: `Loop.is_running()`.
  public var isRunning: Bool { uasyncio_get_owner() != nil }

  /// Runs the loop until ``stop()``. Python: `Loop.run_forever()`.
  ///
  /// - Throws: ``LoopError/runningOnAnotherThread``; ``LoopError/noDescriptorsLeft``; ``LoopError/cannotChangeWhileRunning``
  ///   inside a running task with a clock or an order; ``DeadlockError`` in virtual time when nothing can ever run again.
  public func runForever(clock: LoopClock? = nil, order: LoopOrder? = nil) throws {
    let stopped = Event()
    try UAsyncIO.run(clock: clock, order: order) {
      LoopCore.shared.state.pointee.stops.append(stopped)
      defer { LoopCore.shared.state.pointee.stops.removeAll { $0 === stopped } }
      try await stopped.wait()
    }
  }

  /// Ends the innermost ``runForever(clock:order:)`` when the tasks that are ready now have had their step; what is left
  /// goes on with the next run. Without one, nothing happens. Python: `Loop.stop()`.
  @LoopActor
  public func stop() { LoopCore.shared.state.pointee.stops.last?.set() }

  /// Ends every task: ``newEventLoop()`` by its other name. The loop is as good as new, and can be run again.
  /// Python: `Loop.close()`.
  ///
  /// - Returns: the names of tasks that would not end.
  /// - Throws: ``LoopError/loopIsRunning`` inside a running task; ``LoopError/runningOnAnotherThread``;
  ///   ``LoopError/noDescriptorsLeft``.
  @discardableResult
  public func close() throws(LoopError) -> [String] { try newEventLoop() }
}

// MARK: - Callbacks

extension Loop {
  /// Has a function called after everything that is ready now. Python: `Loop.call_soon(callback)`.
  ///
  /// - Parameter body: the function. It cannot await: for that, create a task.
  @LoopActor @discardableResult
  public func callSoon(_ body: @escaping @LoopActor () -> Void) -> TimerHandle {
    let callback = Callback(body)
    LoopCore.shared.post(callback)
    return TimerHandle(callback: callback)
  }

  /// Has a function called when some time has passed, never earlier. Python: `Loop.call_later(delay, callback)`.
  ///
  /// - Parameters:
  ///   - delay: the time.
  ///   - body: the function. It cannot await: for that, create a task.
  @LoopActor @discardableResult
  public func callLater(_ delay: Duration, _ body: @escaping @LoopActor () -> Void) -> TimerHandle {
    call(at: TimeLimit.deadline(in: TimeLimit.nanoseconds(delay)), body)
  }

  /// Has a function called when a number of seconds has passed; see ``callLater(_:_:)-(Duration,_)``.
  ///
  /// - Throws: ``LoopError/timeIsNotANumber``.
  @LoopActor @discardableResult
  public func callLater(
    _ seconds: Double, _ body: @escaping @LoopActor () -> Void
  ) throws(LoopError) -> TimerHandle {
    call(at: TimeLimit.deadline(in: try TimeLimit.nanoseconds(seconds, unit: 1_000_000_000)), body)
  }

  /// Has a function called at a time of ``loopTime()``, never earlier; of two with the same time, the one that was
  /// asked for first is called first. Python: `Loop.call_at(when, callback)`.
  @LoopActor @discardableResult
  public func callAt(_ time: Duration, _ body: @escaping @LoopActor () -> Void) -> TimerHandle {
    call(at: TimeLimit.nanoseconds(time), body)
  }

  @LoopActor
  private func call(at deadline: Int64, _ body: @escaping @LoopActor () -> Void) -> TimerHandle {
    let callback = Callback(body)
    LoopCore.shared.post(callback, at: deadline)
    return TimerHandle(callback: callback)
  }
}

/// A function that the loop is to call. Python: `Handle`, `TimerHandle`.
///
/// Dropping it does not cancel the call.
public struct TimerHandle: Sendable, Hashable {
  let callback: Callback

  /// When the function is to be called, as a time of ``loopTime()``; nil if that was "soon". Python: `when()`.
  @LoopActor
  public var when: Duration? { callback.deadline.map(Duration.nanoseconds) }

  /// Whether the function will still be called.
  @LoopActor
  public var isPending: Bool { !callback.isOver }

  /// Has the function not be called. Python: `cancel()`.
  ///
  /// - Returns: false if it has been called, or cancelled, already.
  @LoopActor @discardableResult
  public func cancel() -> Bool { LoopCore.shared.cancel(callback) }

  public static func == (one: Self, other: Self) -> Bool { one.callback === other.callback }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(callback)) }
}

// MARK: - Tasks

/// Every task that has not finished, in the order of creation. Python: `all_tasks()`.
@LoopActor
public func allTasks() -> [AnyLoopTask] {
  LoopCore.shared.everyTask().filter { !$0.pointee.flags.contains(.guest) }
    .map { AnyLoopTask(object: TaskObject.from($0).takeUnretainedValue()) }
}
