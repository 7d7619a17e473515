import Scheduler

/// What ends a ``wait(for:until:timeout:)``. Python: `FIRST_COMPLETED` and so on.
public enum WaitCondition: Hashable, Sendable {
  /// One of the tasks has finished.
  case firstCompleted
  /// One has thrown an error (a cancellation is none), or all have finished.
  case firstException
  /// All have finished.
  case allCompleted
}

/// Waits until one of several tasks has finished, or one has failed, or all have finished, or the time is over. Touches
/// none of them. Python: `wait(tasks, timeout=…, return_when=…)`.
///
/// - Parameters:
///   - tasks: the tasks. With none, or if the condition holds already, it returns without letting others run.
///   - condition: what to wait for.
///   - timeout: how long to wait; nil is no limit. When it is over, that is no error.
/// - Returns: the tasks that have finished and those that have not, both in the order in which they were given. Errors are
///   for the caller to find: ask each task that is done for its `value` or `result`.
/// - Throws: `CancellationError` if the caller is cancelled meanwhile; the tasks go on.
@LoopActor
public func wait<Success>(
  for tasks: [LoopTask<Success>], until condition: WaitCondition = .allCompleted, timeout: Duration? = nil
) async throws -> (done: [LoopTask<Success>], pending: [LoopTask<Success>]) {
  let limit = timeout.map { TimeLimit.deadline(in: TimeLimit.nanoseconds($0)) } ?? Clock.never
  try await wait(for: tasks.map(\.object), until: condition, deadline: limit)
  return (tasks.filter(\.isDone), tasks.filter { !$0.isDone })
}

/// Waits until the condition holds, or until a time of the loop's.
@LoopActor
func wait(for objects: [TaskObject], until condition: WaitCondition, deadline: Int64) async throws {
  guard !condition.holds(for: objects) else { return }
  let gathering = Gathering.begin(until: condition.end)
  defer { gathering.end() }
  for object in objects { gathering.add(object) }
  let address = UInt(bitPattern: gathering)
  let loop = LoopCore.shared
  let reason = try await loop.wait { loop in
    if condition.holds(for: objects) { throw NothingToWaitFor() }
    let list = UnsafeMutablePointer<WaitList>(bitPattern: address)
    try loop.beginWait(.tasks, in: list, until: deadline)
    if deadline <= loop.now { loop.state.pointee.scheduler.endTurn() }
  }
  if reason != nil { try loop.endWait() }
}

extension WaitCondition {
  fileprivate var end: Gathering.End {
    switch self {
    case .firstCompleted: .first
    case .firstException: .firstError
    case .allCompleted: .all
    }
  }

  fileprivate func holds(for objects: [TaskObject]) -> Bool {
    let done = objects.filter { $0.record.phase == .finished }
    if done.count == objects.count { return true }
    return switch self {
    case .firstCompleted: !done.isEmpty
    case .firstException: done.contains { $0.error.map { !($0 is CancellationError) } ?? false }
    case .allCompleted: false
    }
  }
}

/// Several tasks in the order in which they finish. Python: `as_completed(tasks)`.
///
/// ```swift
/// for try await task in asCompleted(tasks) {
///   print(try await task.value)
/// }
/// ```
///
/// Those that have finished already come first, in the order in which they were given. Leaving the loop early, or a
/// cancellation of the caller, touches none of the tasks.
@LoopActor
public func asCompleted<Success>(_ tasks: [LoopTask<Success>]) -> CompletedTasks<Success> { CompletedTasks(tasks) }

/// Several tasks in the order in which they finish: see ``asCompleted(_:)``.
@LoopActor
public struct CompletedTasks<Success>: @LoopActor AsyncSequence {
  public typealias Element = LoopTask<Success>
  public typealias Failure = any Error

  private let tasks: [LoopTask<Success>]

  init(_ tasks: [LoopTask<Success>]) { self.tasks = tasks }

  public func makeAsyncIterator() -> Iterator { Iterator(tasks) }

  /// Gives each task when it has finished.
  @LoopActor
  public struct Iterator: @LoopActor AsyncIteratorProtocol {
    private var finished: [LoopTask<Success>]
    private let others: Completions

    fileprivate init(_ tasks: [LoopTask<Success>]) {
      finished = tasks.filter(\.isDone).reversed()
      others = Completions(of: tasks.filter { !$0.isDone }.map(\.object))
    }

    /// The next task that has finished; nil when there are no more. Copies of an iterator share what is left.
    ///
    /// - Throws: `CancellationError` if the caller is cancelled meanwhile. No task is lost by that: the next call gives
    ///   it.
    public mutating func next() async throws -> LoopTask<Success>? {
      if let task = finished.popLast() { return task }
      // Only tasks of this type were put in.
      return try await others.next().map { LoopTask(object: $0) }
    }
  }
}

/// The ends of several tasks, one after the other.
@LoopActor
private final class Completions {
  private let gathering = Gathering.begin(until: .first)

  init(of tasks: [TaskObject]) {
    for task in tasks { gathering.add(task) }
  }

  isolated deinit { gathering.end() }

  func next() async throws -> TaskObject? {
    let loop = LoopCore.shared
    while true {
      if let task = gathering.takeEnded() { return task }
      guard gathering.pointee.remaining > 0 else { return nil }
      // Only the loop's thread uses it.
      nonisolated(unsafe) let gathering = gathering
      let reason = try await loop.wait(.tasks, in: gathering.list, unless: { gathering.pointee.isOver })
      if reason != nil { try loop.endWait() }
    }
  }
}
