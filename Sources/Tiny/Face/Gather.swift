import Scheduler

/// Waits for two tasks, and returns their values in the order of the tasks, whatever order they finish in.
///
/// The tasks may be of the same or of different types: `let (a, b) = try await gather(first, second)`. The same task
/// may be given twice, and tasks that have finished may be among them. (Embedded Swift cannot take any number of types,
/// so there is one such function for each number of tasks from two to six, and one for arrays.)
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
  let gathering = Gathering.begin(capacity: 2, failsFast: true)
  gathering.add(a.object)
  gathering.add(b.object)
  await wait(for: gathering)
  try gathering.end()
  return (try a.object.get(), try b.object.get())
}

/// Waits for three tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>
) async throws(TaskError) -> (A, B, C) {
  let gathering = Gathering.begin(capacity: 3, failsFast: true)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  await wait(for: gathering)
  try gathering.end()
  return (try a.object.get(), try b.object.get(), try c.object.get())
}

/// Waits for four tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>
) async throws(TaskError) -> (A, B, C, D) {
  let gathering = Gathering.begin(capacity: 4, failsFast: true)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  await wait(for: gathering)
  try gathering.end()
  return (
    try a.object.get(), try b.object.get(), try c.object.get(), try d.object.get()
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
  for task in tasks { gathering.add(task.object) }
  await wait(for: gathering)
  try gathering.end()
  var values: [Success] = []
  values.reserveCapacity(tasks.count)
  for task in tasks { values.append(try task.object.get()) }
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
  let gathering = Gathering.begin(capacity: 2, failsFast: false)
  gathering.add(a.object)
  gathering.add(b.object)
  await wait(for: gathering)
  try gathering.end()
  return (a.object.outcome, b.object.outcome)
}

/// Waits for three tasks; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>) {
  let gathering = Gathering.begin(capacity: 3, failsFast: false)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  await wait(for: gathering)
  try gathering.end()
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
  for task in tasks { gathering.add(task.object) }
  await wait(for: gathering)
  try gathering.end()
  // Room is made once, and filled: no code that lets an array grow.
  return Array(unsafeUninitializedCapacity: tasks.count) { room, count in
    for task in tasks {
      (room.baseAddress.unsafelyUnwrapped + count).initialize(to: task.object.outcome)
      count += 1
    }
  }
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
