import Scheduler

/// Waits for two tasks, and returns their values in the order of the tasks, whatever order they finish in.
///
/// The tasks may be of the same or of different types: `let (a, b) = try await gather(first, second)`. The same task
/// may be given twice, and tasks that have finished may be among them. (Embedded Swift cannot take any number of types,
/// so there is one such function for two, three and four tasks, and one for arrays.)
///
/// - Throws: the first error that one of the tasks throws, at once; the others go on running.
///   ``TaskError/cancelled`` if the caller is cancelled meanwhile: all the tasks are cancelled then, and it is thrown
///   when all have finished, so that nothing is left behind. ``TaskError/awaitsItself`` where the caller would wait for
///   its own end.
///
/// Python: `gather(*tasks)`.
@discardableResult
public nonisolated(nonsending) func gather<A, B>(
  _ a: LoopTask<A>, _ b: LoopTask<B>
) async throws(TaskError) -> (A, B) {
  try await wait(for: a.object, b.object, nil, nil, failsFast: true)
  return (try a.object.outcome.get(), try b.object.outcome.get())
}

/// Waits for three tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>
) async throws(TaskError) -> (A, B, C) {
  try await wait(for: a.object, b.object, c.object, nil, failsFast: true)
  return (try a.object.outcome.get(), try b.object.outcome.get(), try c.object.outcome.get())
}

/// Waits for four tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>
) async throws(TaskError) -> (A, B, C, D) {
  try await wait(for: a.object, b.object, c.object, d.object, failsFast: true)
  return (
    try a.object.outcome.get(), try b.object.outcome.get(), try c.object.outcome.get(), try d.object.outcome.get()
  )
}

/// Waits for the tasks of an array, and returns their values in its order; see ``gather(_:_:)-(LoopTask<A>,_)``.
///
/// Python: `gather(*tasks)`.
@discardableResult
public nonisolated(nonsending) func gather<Success>(
  _ tasks: [LoopTask<Success>]
) async throws(TaskError) -> [Success] {
  let gathering = Gathering.begin(capacity: tasks.count, failsFast: true)
  for task in tasks { Gathering.add(task.object, to: gathering) }
  let failure = await wait(for: gathering)
  Gathering.end(gathering)
  if let failure { throw failure }
  var values: [Success] = []
  values.reserveCapacity(tasks.count)
  for task in tasks { values.append(try task.object.outcome.get()) }
  return values
}

/// Waits for two tasks, and returns what became of each: its value, or the error that it threw.
///
/// An error does not end the wait, and neither does a task's cancellation; both are results.
///
/// - Throws: ``TaskError/cancelled`` if the caller is cancelled meanwhile, as with
///   ``gather(_:_:)-(LoopTask<A>,_)``; ``TaskError/awaitsItself``.
///
/// Python: `gather(*tasks, return_exceptions=True)`.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B>(
  _ a: LoopTask<A>, _ b: LoopTask<B>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>) {
  try await wait(for: a.object, b.object, nil, nil, failsFast: false)
  return (a.object.outcome, b.object.outcome)
}

/// Waits for three tasks; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>) {
  try await wait(for: a.object, b.object, c.object, nil, failsFast: false)
  return (a.object.outcome, b.object.outcome, c.object.outcome)
}

/// Waits for the tasks of an array, and returns what became of each, in its order; see
/// ``gatherResults(_:_:)-(LoopTask<A>,_)``.
///
/// Python: `gather(*tasks, return_exceptions=True)`.
@discardableResult
public nonisolated(nonsending) func gatherResults<Success>(
  _ tasks: [LoopTask<Success>]
) async throws(TaskError) -> [Result<Success, TaskError>] {
  let gathering = Gathering.begin(capacity: tasks.count, failsFast: false)
  for task in tasks { Gathering.add(task.object, to: gathering) }
  let failure = await wait(for: gathering)
  Gathering.end(gathering)
  if let failure { throw failure }
  var results: [Result<Success, TaskError>] = []
  results.reserveCapacity(tasks.count)
  for task in tasks { results.append(task.object.outcome) }
  return results
}

/// Runs two coroutines at once, and returns their values; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>
) async throws(TaskError) -> (A, B) {
  try await gather(createTask(a), createTask(b))
}

/// Runs three coroutines at once, and returns their values; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>
) async throws(TaskError) -> (A, B, C) {
  try await gather(createTask(a), createTask(b), createTask(c))
}

/// Runs two coroutines at once, and returns what became of each; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>) {
  try await gatherResults(createTask(a), createTask(b))
}

/// Runs three coroutines at once, and returns what became of each; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>) {
  try await gatherResults(createTask(a), createTask(b), createTask(c))
}

/// Waits for up to four tasks.
private nonisolated(nonsending) func wait(
  for a: TaskObject, _ b: TaskObject, _ c: TaskObject?, _ d: TaskObject?, failsFast: Bool
) async throws(TaskError) {
  let gathering = Gathering.begin(capacity: 4, failsFast: failsFast)
  Gathering.add(a, to: gathering)
  Gathering.add(b, to: gathering)
  if let c { Gathering.add(c, to: gathering) }
  if let d { Gathering.add(d, to: gathering) }
  let failure = await wait(for: gathering)
  Gathering.end(gathering)
  if let failure { throw failure }
}

/// Waits until a gathering is over. Returns what its caller has to throw.
@inline(never)
private nonisolated(nonsending) func wait(for gathering: GatheringPointer) async -> TaskError? {
  var wait = GatheringWait(gathering)
  while wait.mustGoOn() {
    if wait.begin() {
      await park()
      wait.end(cancelledNow: Loop.shared.takeCancellation())
    }
  }
  return wait.failure
}

/// What has become of a gathering so far. The async function above is only the bare loop: what stands in it is compiled
/// twice, before and behind its suspension.
private struct GatheringWait {
  let gathering: GatheringPointer
  private var cancelled = false
  private let closesCycle: Bool

  init(_ gathering: GatheringPointer) {
    self.gathering = gathering
    closesCycle = !gathering.pointee.isOver && Loop.shared.wouldCloseCycle(waitingFor: gathering)
  }

  @inline(never)
  func mustGoOn() -> Bool {
    if gathering.pointee.isOver || closesCycle { return false }
    // One that has come to wait for this task's end meanwhile cannot be waited for.
    return !cancelled || !Loop.shared.wouldCloseCycle(waitingFor: gathering)
  }

  /// Files the running task. Returns whether it is to be suspended.
  @inline(never)
  mutating func begin() -> Bool {
    do throws(TaskError) {
      try Loop.shared.beginWait(.gathering, in: gathering.list)
      return true
    } catch {
      end(cancelledNow: true)
      return false
    }
  }

  @inline(never)
  mutating func end(cancelledNow: Bool) {
    if Loop.shared.takePassedOnCancellation() { cancelled = true }
    if cancelledNow {
      Loop.shared.cancelUnfinished(gathering)
      cancelled = true
    }
    // From now on only the end of all counts.
    if cancelled { gathering.pointee.waitsForAll() }
  }

  var failure: TaskError? {
    if closesCycle { return .awaitsItself }
    return cancelled ? .cancelled : gathering.pointee.failureToThrow
  }
}

extension Loop {
  @inline(never)
  fileprivate func wouldCloseCycle(waitingFor gathering: GatheringPointer) -> Bool {
    guard let running else { return false }
    var list = RecordList()
    gathering.appendUnfinished(to: &list)
    return reaches(running, from: &list)
  }

  @inline(never)
  fileprivate func cancelUnfinished(_ gathering: GatheringPointer) {
    var list = RecordList()
    gathering.appendUnfinished(to: &list)
    cancelAll(in: &list)
  }
}

extension GatheringPointer {
  /// The first field.
  fileprivate var list: UnsafeMutablePointer<WaitList> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: WaitList.self)
  }
}
