import Scheduler

/// Waits for several tasks, and returns their values in the order of the tasks, whatever order they finish in.
///
/// Give it tasks of the same or of different types: `let (a, b) = try await gather(first, second)`. The same task may be
/// given twice, and tasks that have finished may be among them. Without tasks it returns at once.
///
/// - Throws: the first error that one of the tasks throws, at once; the others go on running.
///   `CancellationError` if the caller is cancelled meanwhile: all the tasks are cancelled then, and it is thrown when all
///   have finished, so that nothing is left behind. ``LoopError/awaitsItself(task:)`` where the caller would wait for its
///   own end.
///
/// Python: `gather(*tasks)`.
@discardableResult @LoopActor
public func gather<each Success>(
  _ tasks: repeat LoopTask<each Success>
) async throws -> (repeat each Success) {
  var objects: [TaskObject] = []
  repeat objects.append((each tasks).object)
  try await gather(objects, failsFast: true)
  return (repeat try (each tasks).object.outcome.get())
}

/// Waits for the tasks of an array, and returns their values in its order; see ``gather(_:)-(LoopTask<Success>)``.
///
/// Python: `gather(*tasks)`.
@discardableResult @LoopActor
public func gather<Success>(_ tasks: [LoopTask<Success>]) async throws -> [Success] {
  try await gather(tasks.map(\.object), failsFast: true)
  return try tasks.map { try $0.object.outcome.get() }
}

/// Waits for several tasks, and returns what became of each: its value, or the error that it threw.
///
/// An error does not end the wait, and neither does a task's cancellation; both are results.
///
/// - Throws: `CancellationError` if the caller is cancelled meanwhile, as with ``gather(_:)-(LoopTask<Success>)``;
///   ``LoopError/awaitsItself(task:)``.
///
/// Python: `gather(*tasks, return_exceptions=True)`.
@discardableResult @LoopActor
public func gatherResults<each Success>(
  _ tasks: repeat LoopTask<each Success>
) async throws -> (repeat Result<each Success, any Error>) {
  var objects: [TaskObject] = []
  repeat objects.append((each tasks).object)
  try await gather(objects, failsFast: false)
  return (repeat (each tasks).object.outcome)
}

/// Waits for the tasks of an array, and returns what became of each, in its order; see
/// ``gatherResults(_:)-(LoopTask<Success>)``.
///
/// Python: `gather(*tasks, return_exceptions=True)`.
@discardableResult @LoopActor
public func gatherResults<Success>(
  _ tasks: [LoopTask<Success>]
) async throws -> [Result<Success, any Error>] {
  try await gather(tasks.map(\.object), failsFast: false)
  return tasks.map(\.object.outcome)
}

/// Runs two coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B
) async throws -> (A, B) {
  try await gather(createTask(a), createTask(b))
}

/// Runs three coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B, C>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C
) async throws -> (A, B, C) {
  try await gather(createTask(a), createTask(b), createTask(c))
}

/// Runs four coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B, C, D>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C,
  _ d: @escaping @LoopActor () async throws -> D
) async throws -> (A, B, C, D) {
  try await gather(createTask(a), createTask(b), createTask(c), createTask(d))
}

/// Runs two coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B
) async throws -> (Result<A, any Error>, Result<B, any Error>) {
  try await gatherResults(createTask(a), createTask(b))
}

/// Runs three coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B, C>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C
) async throws -> (Result<A, any Error>, Result<B, any Error>, Result<C, any Error>) {
  try await gatherResults(createTask(a), createTask(b), createTask(c))
}

/// Runs four coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B, C, D>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C,
  _ d: @escaping @LoopActor () async throws -> D
) async throws -> (Result<A, any Error>, Result<B, any Error>, Result<C, any Error>, Result<D, any Error>) {
  try await gatherResults(createTask(a), createTask(b), createTask(c), createTask(d))
}

/// Waits until all have finished, or with `failsFast` until one has failed.
@LoopActor
private func gather(_ objects: [TaskObject], failsFast: Bool) async throws {
  let loop = LoopCore.shared
  if failsFast, let error = objects.lazy.compactMap(\.retrievedError).first { throw error }
  guard objects.contains(where: { $0.record.phase != .finished }) else { return }
  try loop.refuseCycle(waitingFor: objects.map(\.pointer))
  let gathering = Gathering.begin(until: failsFast ? .firstFailure : .all)
  defer { gathering.end() }
  for object in objects { gathering.add(object) }
  if try await loop.waitForEnd(of: gathering) {
    for object in objects { object.record.flags.insert(.retrieved) }
    throw CancellationError()
  }
  if failsFast, let error = gathering.pointee.failure?.retrievedError { throw error }
}

extension LoopCore {
  /// Waits until a gathering is over. If the running task is cancelled meanwhile, all that it gathers are, and from then
  /// on only the end of all counts.
  ///
  /// - Returns: whether it was cancelled.
  @LoopActor
  func waitForEnd(of gathering: UnsafeMutablePointer<Gathering>) async throws -> Bool {
    let address = UInt(bitPattern: gathering)
    while !gathering.pointee.isOver {
      let (_, interruption) = try await waitForOthers(evenIfCancelled: gathering.pointee.isCancelled) { loop in
        let list = UnsafeMutablePointer<WaitList>(bitPattern: address)
        try loop.beginWait(.gathering, in: list, until: Clock.never)
      }
      if interruption != .none { gathering.pointee.isCancelled = true }
      if interruption == .cancelled {
        for record in gathering.unfinished { _ = cancel(record) }
      }
      guard gathering.pointee.isCancelled else { continue }
      gathering.pointee.end = .all
      // One that has come to wait for this task's end cannot be waited for.
      if wouldCloseCycle(waitingFor: gathering.unfinished) { break }
    }
    return gathering.pointee.isCancelled
  }
}

extension TaskObject {
  /// The error that the task ended with, if it did; asking counts as retrieving it.
  var retrievedError: (any Error)? {
    guard let error else { return nil }
    record.flags.insert(.retrieved)
    return error
  }
}
