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
  var records: [RecordPointer] = []
  repeat records.append((each tasks).object.pointer)
  defer { repeat withExtendedLifetime(each tasks) {} }
  try await gather(records, failsFast: true)
  return (repeat try (each tasks).object.get((each Success).self))
}

/// Waits for the tasks of an array, and returns their values in its order; see ``gather(_:)-(LoopTask<Success>)``.
///
/// Python: `gather(*tasks)`.
@discardableResult @LoopActor
public func gather<Success>(_ tasks: [LoopTask<Success>]) async throws -> [Success] {
  defer { withExtendedLifetime(tasks) {} }
  let records = records(of: tasks)
  try await gather(records, failsFast: true)
  return try values(of: records)
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
  var records: [RecordPointer] = []
  repeat records.append((each tasks).object.pointer)
  defer { repeat withExtendedLifetime(each tasks) {} }
  try await gather(records, failsFast: false)
  return (repeat (each tasks).object.outcome((each Success).self))
}

/// Waits for the tasks of an array, and returns what became of each, in its order; see
/// ``gatherResults(_:)-(LoopTask<Success>)``.
///
/// Python: `gather(*tasks, return_exceptions=True)`.
@discardableResult @LoopActor
public func gatherResults<Success>(
  _ tasks: [LoopTask<Success>]
) async throws -> [Result<Success, any Error>] {
  defer { withExtendedLifetime(tasks) {} }
  let records = records(of: tasks)
  try await gather(records, failsFast: false)
  return outcomes(of: records)
}

/// The records of tasks. (A handle is a reference and nothing else; whatever asks for its type here would ask the runtime.)
private func records<Success>(of tasks: [LoopTask<Success>]) -> [RecordPointer] {
  tasks.withUnsafeBytes { TaskObject.records(of: $0.assumingMemoryBound(to: UnsafeMutableRawPointer.self)) }
}

/// The values of tasks that have ended, or the first error.
private func values<Success>(of records: [RecordPointer]) throws -> [Success] {
  try [Success](unsafeUninitializedCapacity: records.count) { values, count in
    while count < records.count {
      let place = values.baseAddress.unsafelyUnwrapped + count
      try TaskObject.from(records[count])._withUnsafeGuaranteedRef { try $0.get(into: place) }
      count += 1
    }
  }
}

private func outcomes<Success>(of records: [RecordPointer]) -> [Result<Success, any Error>] {
  records.map { TaskObject.from($0).takeUnretainedValue().outcome(Success.self) }
}

/// Runs two coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B
) async throws -> (A, B) {
  let a = createTask(a).object
  let b = createTask(b).object
  defer { withExtendedLifetime((a, b)) {} }
  try await gather([a.pointer, b.pointer], failsFast: true)
  return (try a.get(A.self), try b.get(B.self))
}

/// Runs three coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B, C>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C
) async throws -> (A, B, C) {
  let a = createTask(a).object
  let b = createTask(b).object
  let c = createTask(c).object
  defer { withExtendedLifetime((a, b, c)) {} }
  try await gather([a.pointer, b.pointer, c.pointer], failsFast: true)
  return (try a.get(A.self), try b.get(B.self), try c.get(C.self))
}

/// Runs four coroutines at once, and returns their values; see ``gather(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gather<A, B, C, D>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C,
  _ d: @escaping @LoopActor () async throws -> D
) async throws -> (A, B, C, D) {
  let a = createTask(a).object
  let b = createTask(b).object
  let c = createTask(c).object
  let d = createTask(d).object
  defer { withExtendedLifetime((a, b, c, d)) {} }
  try await gather([a.pointer, b.pointer, c.pointer, d.pointer], failsFast: true)
  return (try a.get(A.self), try b.get(B.self), try c.get(C.self), try d.get(D.self))
}

/// Runs two coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B
) async throws -> (Result<A, any Error>, Result<B, any Error>) {
  let a = createTask(a).object
  let b = createTask(b).object
  defer { withExtendedLifetime((a, b)) {} }
  try await gather([a.pointer, b.pointer], failsFast: false)
  return (a.outcome(A.self), b.outcome(B.self))
}

/// Runs three coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B, C>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C
) async throws -> (Result<A, any Error>, Result<B, any Error>, Result<C, any Error>) {
  let a = createTask(a).object
  let b = createTask(b).object
  let c = createTask(c).object
  defer { withExtendedLifetime((a, b, c)) {} }
  try await gather([a.pointer, b.pointer, c.pointer], failsFast: false)
  return (a.outcome(A.self), b.outcome(B.self), c.outcome(C.self))
}

/// Runs four coroutines at once, and returns what became of each; see ``gatherResults(_:)-(LoopTask<Success>)``.
@discardableResult @LoopActor
public func gatherResults<A, B, C, D>(
  _ a: @escaping @LoopActor () async throws -> A,
  _ b: @escaping @LoopActor () async throws -> B,
  _ c: @escaping @LoopActor () async throws -> C,
  _ d: @escaping @LoopActor () async throws -> D
) async throws -> (Result<A, any Error>, Result<B, any Error>, Result<C, any Error>, Result<D, any Error>) {
  let a = createTask(a).object
  let b = createTask(b).object
  let c = createTask(c).object
  let d = createTask(d).object
  defer { withExtendedLifetime((a, b, c, d)) {} }
  try await gather([a.pointer, b.pointer, c.pointer, d.pointer], failsFast: false)
  return (a.outcome(A.self), b.outcome(B.self), c.outcome(C.self), d.outcome(D.self))
}

/// Waits until all have finished, or with `failsFast` until one has failed. The caller holds the tasks.
private nonisolated(nonsending) func gather(_ records: [RecordPointer], failsFast: Bool) async throws {
  let loop = LoopCore.shared
  var unfinished = false
  for record in records {
    if record.pointee.phase != .finished {
      unfinished = true
    } else if failsFast, let error = TaskObject.from(record)._withUnsafeGuaranteedRef({ $0.retrievedError }) {
      throw error
    }
  }
  guard unfinished else { return }
  try loop.refuseCycle(waitingFor: records)
  let gathering = Gathering.begin(with: records, until: failsFast ? .firstFailure : .all)
  defer { gathering.end() }
  if try await loop.waitForEnd(of: gathering) {
    for record in records { record.pointee.flags.insert(.retrieved) }
    throw loop.cancellation
  }
  if failsFast, let error = gathering.pointee.failure?.retrievedError { throw error }
}

extension LoopCore {
  /// Waits until a gathering is over. If the running task is cancelled meanwhile, all that it gathers are, and from then
  /// on only the end of all counts.
  ///
  /// - Returns: whether it was cancelled.
  @inline(__always)
  nonisolated(nonsending) func waitForEnd(of gathering: UnsafeMutablePointer<Gathering>) async throws -> Bool {
    let address = UInt(bitPattern: gathering)
    while !gathering.pointee.isOver {
      let (_, interruption) = try await waitForOthers(evenIfCancelled: gathering.pointee.isCancelled) { loop in
        let gathering = UnsafeMutablePointer<Gathering>(bitPattern: address).unsafelyUnwrapped
        if gathering.pointee.isOver { throw NothingToWaitFor() }
        try loop.beginWait(.gathering, in: gathering.list, until: Clock.never)
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
