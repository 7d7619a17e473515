// Tasks that end together.
//
// A group is a gathering that grows. Its body is the first of its tasks, and whoever opened the group does one thing only:
// wait for all their ends. So a failure, wherever it comes from, reaches the body like any other task, a cancellation from
// outside reaches all alike, and which of the two it was is never in question.
//
//     the body and all tasks returned        the body's value
//     one of them threw                      the others are cancelled; TaskGroupError with all errors
//     the body was cancelled, and only it    the others are cancelled; CancellationError
//     the caller was cancelled               all are cancelled; CancellationError, and errors go to the exception handler
//     `cancel()`                             all are cancelled; the body's value if it returned, else CancellationError
//
// Whatever it is: when it comes out of `withLoopTaskGroup`, every task of the group has finished.

import Scheduler

/// Runs a body that may create tasks, and waits until it and all of them have finished. Python: `TaskGroup`;
/// trio: `open_nursery`.
///
/// ```swift
/// try await withLoopTaskGroup { group in
///   try group.createTask { try await pump() }
///   try group.createTask { try await watch() }
/// }
/// ```
///
/// The first that throws ends all: the others are cancelled, the body too if it still runs. One that was cancelled by
/// somebody has not failed.
///
/// - Returns: what the body returns.
/// - Throws: ``TaskGroupError`` with every error that the body and the tasks threw, after all have finished;
///   `CancellationError` if the caller is cancelled meanwhile, after all, which are cancelled too, have finished.
@discardableResult @LoopActor
public func withLoopTaskGroup<Value>(
  _ body: @escaping @LoopActor (LoopTaskGroup) async throws -> Value
) async throws -> Value {
  try await LoopTaskGroup().run(body)
}

/// Runs a body that may create tasks of one type, and returns their values in the order in which they finished; see
/// ``withLoopTaskGroup(_:)``.
///
/// ```swift
/// let answers = try await withLoopTaskGroup(collecting: Int.self) { group in
///   for server in servers { try group.createTask { try await ask(server) } }
/// }
/// ```
///
/// - Throws: as ``withLoopTaskGroup(_:)`` does. There are no values then.
@discardableResult @LoopActor
public func withLoopTaskGroup<Success>(
  collecting type: Success.Type, _ body: @escaping @LoopActor (CollectingTaskGroup<Success>) async throws -> Void
) async throws -> [Success] {
  let collecting = CollectingTaskGroup<Success>()
  try await collecting.group.run { _ in try await body(collecting) }
  return collecting.values
}

/// Tasks that end together; see ``withLoopTaskGroup(_:)``.
@LoopActor
public final class LoopTaskGroup {
  // None is touched while it is being touched: what is called with one of them at hand does not come back here.
  @exclusivity(unchecked) private var gathering: UnsafeMutablePointer<Gathering>?
  @exclusivity(unchecked) private var body: TaskObject?
  @exclusivity(unchecked) private var background: [AnyLoopTask] = []
  @exclusivity(unchecked) private var errors: [any Error] = []
  @exclusivity(unchecked) private var finished = 0
  @exclusivity(unchecked) private var highWaterMark = 0
  @exclusivity(unchecked) var onSuccess: ((TaskObject) -> Void)?
  @exclusivity(unchecked) private var cancelsAll = false

  init() {}

  /// Whether all the group's tasks have been cancelled, because one has failed, because the caller was cancelled, or by
  /// ``cancel()``. Those that are created from then on never start.
  public var isCancelled: Bool { cancelsAll || gathering?.isCancelled == true }

  /// Creates a task that the group waits for; see ``createTask(name:_:)``.
  ///
  /// - Throws: ``LoopError/groupIsOver`` after the group has ended.
  @discardableResult
  public func createTask<Success>(
    name: String? = nil, _ body: @escaping @LoopActor () async throws -> Success
  ) throws(LoopError) -> LoopTask<Success> {
    guard gathering != nil else { throw .groupIsOver }
    let task = LoopCore.shared.spawn(name: name, body)
    add(task.object)
    return task
  }

  /// Creates a task that runs as long as the others do: when they have finished, it is cancelled.
  ///
  /// For what serves the others: a heartbeat, a watchdog, a display. If it throws, the group fails like any other.
  ///
  /// - Throws: ``LoopError/groupIsOver`` after the group has ended.
  @discardableResult
  public func createBackgroundTask<Success>(
    name: String? = nil, _ body: @escaping @LoopActor () async throws -> Success
  ) throws(LoopError) -> LoopTask<Success> {
    let task = try createTask(name: name, body)
    background.append(AnyLoopTask(task))
    return task
  }

  /// Cancels the group's tasks, its body included. trio: `nursery.cancel_scope.cancel()`.
  public func cancel() {
    cancelsAll = true
    guard let gathering else { return }
    for record in gathering.unfinished { _ = LoopCore.shared.cancel(record) }
  }

  /// How it stands with the group's tasks now.
  public var statistics: TaskGroupStatistics {
    TaskGroupStatistics(
      running: gathering?.pointee.remaining ?? 0, finished: finished, failed: errors.count,
      highWaterMark: highWaterMark, isCancelled: isCancelled)
  }

  // MARK: - The group's life

  func run<Value>(_ body: @escaping @LoopActor (LoopTaskGroup) async throws -> Value) async throws -> Value {
    let loop = LoopCore.shared
    let gathering = Gathering.begin(until: .all)
    self.gathering = gathering
    defer {
      cancelsAll = isCancelled
      self.gathering = nil
      // Its value may hold the group.
      self.body = nil
      gathering.end()
    }
    gathering.pointee.onEnd = { [unowned self] task in noteEnd(task) }
    let main = loop.spawn(name: nil) { try await body(self) }
    self.body = main.object
    add(main.object)
    let wasCancelled = try await loop.waitForEnd(of: gathering)
    onSuccess = nil
    if wasCancelled {
      for error in errors {
        loop.report(ExceptionContext(message: "an error in a group that was cancelled", error: error))
      }
      throw CancellationError()
    }
    if !errors.isEmpty { throw TaskGroupError(errors: errors) }
    return try main.object.get(Value.self)
  }

  private func add(_ object: TaskObject) {
    guard let gathering else { return }
    gathering.add(object)
    highWaterMark = max(highWaterMark, gathering.pointee.remaining)
    if isCancelled { _ = LoopCore.shared.cancel(object.pointer) }
  }

  private func noteEnd(_ task: TaskObject) {
    finished += 1
    // What has ended is not kept: a group may live long.
    _ = gathering?.takeEnded()
    if let error = task.retrievedError {
      let failed = !(error is CancellationError)
      if failed { errors.append(error) }
      if failed || task === body, !isCancelled { cancel() }
    } else if task !== body {
      onSuccess?(task)
    }
    cancelBackground()
  }

  /// Cancels the background tasks if nobody is left whom they could serve.
  private func cancelBackground() {
    if background.isEmpty { return }
    background.removeAll(where: \.isDone)
    guard !background.isEmpty, gathering?.pointee.remaining == background.count else { return }
    for task in background { task.cancel() }
  }
}

/// Tasks of one type that end together, and whose values are collected; see
/// ``withLoopTaskGroup(collecting:_:)``.
@LoopActor
public final class CollectingTaskGroup<Success> {
  let group = LoopTaskGroup()

  /// The values of those that have finished so far, in the order in which they did.
  public private(set) var values: [Success] = []

  init() {
    group.onSuccess = { [unowned self] task in
      // Nobody but `createTask` below adds tasks to this group.
      guard let value = try? task.get(Success.self) else { return }
      values.append(value)
    }
  }

  /// Creates a task that the group waits for, and whose value it collects; see ``LoopTaskGroup/createTask(name:_:)``.
  ///
  /// - Throws: ``LoopError/groupIsOver`` after the group has ended.
  @discardableResult
  public func createTask(
    name: String? = nil, _ body: @escaping @LoopActor () async throws -> Success
  ) throws(LoopError) -> LoopTask<Success> {
    try group.createTask(name: name, body)
  }

  /// Cancels the group's tasks, its body included.
  public func cancel() { group.cancel() }

  /// How it stands with the group's tasks now.
  public var statistics: TaskGroupStatistics { group.statistics }
}

/// What the tasks of a group, and its body, have thrown. Python: `ExceptionGroup`.
public struct TaskGroupError: Error, CustomStringConvertible {
  /// The errors, in the order in which they were thrown; at least one.
  public let errors: [any Error]

  public var description: String {
    errors.count == 1
      ? "a task of the group failed: \(errors[0])" : "\(errors.count) tasks of the group failed: \(errors)"
  }
}

/// How it stands with a group's tasks.
public struct TaskGroupStatistics: Hashable, Sendable {
  /// How many have not finished, the body included.
  public let running: Int
  /// How many have.
  public let finished: Int
  /// How many of these failed.
  public let failed: Int
  /// How many ran at once at most.
  public let highWaterMark: Int
  /// Whether they have been cancelled.
  public let isCancelled: Bool
}
