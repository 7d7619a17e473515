import Scheduler

/// A coroutine that runs on the loop beside others, made with ``createTask(name:_:)``. Python: `Task`.
///
/// A handle: it can be copied and compared, and dropping it does not stop the task.
public struct LoopTask<Success>: @unchecked Sendable, Hashable {
  // The object's mutable parts are touched on the loop's thread only: everything below is isolated to it.
  @usableFromInline let object: TaskObject

  init(object: TaskObject) { self.object = object }

  /// Waits until the task has finished, and returns what its body returned.
  ///
  /// Several tasks may await the same one. The value of a task that has finished is there at once.
  ///
  /// - Throws: what the body threw; `CancellationError` if the task was cancelled;
  ///   ``LoopError/awaitsItself(task:)`` where the caller would wait for its own end.
  ///
  /// Cancelling the caller cancels the task that it awaits; the caller goes on when that one has finished.
  /// Python: `await task`.
  @LoopActor
  public var value: Success {
    @inlinable @inline(__always)
    get async throws {
      try await join(object)
      let place = try object.placeOfOutcome(fits: TaskObject.fits(Success.self))
      // The value lies in the object, and this is the last use of it that the compiler knows of.
      return withExtendedLifetime(object) { place.assumingMemoryBound(to: Success.self).pointee }
    }
  }

  /// Waits until the task has finished, and returns what its body returned, or the error that it threw.
  ///
  /// Where the caller would wait for its own end, the result is ``LoopError/awaitsItself(task:)``. Cancelling the caller
  /// cancels the task that it awaits, and the result says so; a cancellation that comes when the task has just finished
  /// does not touch the result, and is thrown by the caller's next await.
  ///
  /// Python: `gather(task, return_exceptions=True)`.
  @LoopActor
  public var result: Result<Success, any Error> {
    get async {
      do {
        try await join(object)
      } catch {
        if object.record.phase != .finished { return .failure(error) }
        LoopCore.shared.postponeCancellation()
      }
      return object.outcome(Success.self)
    }
  }

  /// Whether the task has finished: returned, thrown, or ended by a cancellation. Python: `Task.done()`.
  @LoopActor
  public var isDone: Bool { object.record.phase == .finished }

  /// The task's name: the one that it was given, or `task-` and a number. Python: `get_name()`, `set_name(name)`.
  @LoopActor
  public var name: String {
    get { LoopCore.shared.name(of: object.pointer) }
    nonmutating set { Births.setName(newValue, of: object.pointer) }
  }

  /// Asks the task to end: the await in which it is suspended throws `CancellationError`, once.
  ///
  /// A task that has not started never will. One that waits for another task passes the request on to that one. One that
  /// catches the error and goes on is not asked again. A task that cancels itself meets the error at its next await.
  /// A task that is suspended in something that is not ours (another actor, a native task or group, a continuation) is
  /// cancelled natively: see <doc:LivingWithSwiftConcurrency>.
  ///
  /// - Returns: false if the task had finished already, and nothing has changed. Python: `Task.cancel()`.
  @LoopActor @discardableResult
  public func cancel() -> Bool { LoopCore.shared.cancel(object.pointer) }

  public static func == (one: Self, other: Self) -> Bool { one.object === other.object }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(object)) }
}

extension LoopTask where Success: Sendable {
  /// The same as `value` of any task; it can be cancelled in the same place. A value that may go anywhere need not be fetched
  /// on the loop: this runs where its caller does, without a change of actors.
  @_documentation(visibility: internal)
  public nonisolated(nonsending) var value: Success {
    @inlinable @inline(__always)
    get async throws {
      switch try LoopCore.beginJoinInTask(object) {
      case .over: break
      case .filed:
        await park()
        try LoopCore.endJoinInTask()
      case .fromElsewhere: return try await valueFromElsewhere
      }
      let place = try object.placeOfOutcome(fits: TaskObject.fits(Success.self))
      return withExtendedLifetime(object) { place.assumingMemoryBound(to: Success.self).pointee }
    }
  }
}

extension LoopTask {
  /// The long way, for callers that are not tasks of ours, and for those that have been cancelled already. (Here nobody
  /// knows that the value is `Sendable`, so it is the other `value` that is asked for.)
  @LoopActor @usableFromInline
  var valueFromElsewhere: Success {
    get async throws { try await value }
  }
}

/// A task whose result does not matter: what ``currentTask()`` returns.
public struct AnyLoopTask: @unchecked Sendable, Hashable, CustomStringConvertible {
  let object: TaskObject

  init(object: TaskObject) { self.object = object }

  /// The same task, without its type.
  public init<Success>(_ task: LoopTask<Success>) { object = task.object }

  /// Whether the task has finished. Python: `Task.done()`.
  @LoopActor
  public var isDone: Bool { object.record.phase == .finished }

  /// The task's name: the one that it was given, or `task-` and a number. Python: `get_name()`, `set_name(name)`.
  @LoopActor
  public var name: String {
    get { LoopCore.shared.name(of: object.pointer) }
    nonmutating set { Births.setName(newValue, of: object.pointer) }
  }

  /// Asks the task to end; see ``LoopTask/cancel()``.
  @LoopActor @discardableResult
  public func cancel() -> Bool { LoopCore.shared.cancel(object.pointer) }

  public var description: String { "task-\(object.record.node.id)" }

  public static func == (one: Self, other: Self) -> Bool { one.object === other.object }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(object)) }
}

/// The task that is running now; nil in code that no task of ours runs. Python: `current_task()`.
@LoopActor
public func currentTask() -> AnyLoopTask? {
  guard let record = LoopCore.shared.running, record.isCurrent, !record.pointee.flags.contains(.guest) else {
    return nil
  }
  return AnyLoopTask(object: TaskObject.from(record).takeUnretainedValue())
}
