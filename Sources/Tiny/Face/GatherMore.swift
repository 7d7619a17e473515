// Gathering more tasks of unlike types than are in Gather.swift: Embedded Swift has no loops over parameter packs, so each number
// of them is a function. What a program does not call is not in it.

/// Waits for five tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D, E>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>, _ e: LoopTask<E>
) async throws(TaskError) -> (A, B, C, D, E) {
  let gathering = Gathering.begin(capacity: 5, failsFast: true)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  gathering.add(e.object)
  await wait(for: gathering)
  try gathering.end()
  return (
    try a.object.get(), try b.object.get(), try c.object.get(), try d.object.get(), try e.object.get()
  )
}

/// Waits for six tasks; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D, E, F>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>, _ e: LoopTask<E>, _ f: LoopTask<F>
) async throws(TaskError) -> (A, B, C, D, E, F) {
  let gathering = Gathering.begin(capacity: 6, failsFast: true)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  gathering.add(e.object)
  gathering.add(f.object)
  await wait(for: gathering)
  try gathering.end()
  return (
    try a.object.get(), try b.object.get(), try c.object.get(), try d.object.get(), try e.object.get(),
    try f.object.get()
  )
}

/// Waits for four tasks; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>) {
  let gathering = Gathering.begin(capacity: 4, failsFast: false)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  await wait(for: gathering)
  try gathering.end()
  return (a.object.outcome, b.object.outcome, c.object.outcome, d.object.outcome)
}

/// Waits for five tasks; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D, E>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>, _ e: LoopTask<E>
) async throws(TaskError) -> (
  Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>, Result<E, TaskError>
) {
  let gathering = Gathering.begin(capacity: 5, failsFast: false)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  gathering.add(e.object)
  await wait(for: gathering)
  try gathering.end()
  return (a.object.outcome, b.object.outcome, c.object.outcome, d.object.outcome, e.object.outcome)
}

/// Waits for six tasks; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D, E, F>(
  _ a: LoopTask<A>, _ b: LoopTask<B>, _ c: LoopTask<C>, _ d: LoopTask<D>, _ e: LoopTask<E>, _ f: LoopTask<F>
) async throws(TaskError) -> (
  Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>, Result<E, TaskError>,
  Result<F, TaskError>
) {
  let gathering = Gathering.begin(capacity: 6, failsFast: false)
  gathering.add(a.object)
  gathering.add(b.object)
  gathering.add(c.object)
  gathering.add(d.object)
  gathering.add(e.object)
  gathering.add(f.object)
  await wait(for: gathering)
  try gathering.end()
  return (a.object.outcome, b.object.outcome, c.object.outcome, d.object.outcome, e.object.outcome, f.object.outcome)
}

/// Runs four coroutines at once; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>
) async throws(TaskError) -> (A, B, C, D) {
  try await gather(createTask(a), createTask(b), createTask(c), createTask(d))
}

/// Runs five coroutines at once; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D, E>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>,
  _ e: @escaping Coroutine<E>
) async throws(TaskError) -> (A, B, C, D, E) {
  try await gather(createTask(a), createTask(b), createTask(c), createTask(d), createTask(e))
}

/// Runs six coroutines at once; see ``gather(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gather<A, B, C, D, E, F>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>,
  _ e: @escaping Coroutine<E>, _ f: @escaping Coroutine<F>
) async throws(TaskError) -> (A, B, C, D, E, F) {
  try await gather(createTask(a), createTask(b), createTask(c), createTask(d), createTask(e), createTask(f))
}

/// Runs four coroutines at once; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>
) async throws(TaskError) -> (Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>) {
  try await gatherResults(createTask(a), createTask(b), createTask(c), createTask(d))
}

/// Runs five coroutines at once; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D, E>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>,
  _ e: @escaping Coroutine<E>
) async throws(TaskError) -> (
  Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>, Result<E, TaskError>
) {
  try await gatherResults(createTask(a), createTask(b), createTask(c), createTask(d), createTask(e))
}

/// Runs six coroutines at once; see ``gatherResults(_:_:)-(LoopTask<A>,_)``.
@discardableResult
public nonisolated(nonsending) func gatherResults<A, B, C, D, E, F>(
  _ a: @escaping Coroutine<A>, _ b: @escaping Coroutine<B>, _ c: @escaping Coroutine<C>, _ d: @escaping Coroutine<D>,
  _ e: @escaping Coroutine<E>, _ f: @escaping Coroutine<F>
) async throws(TaskError) -> (
  Result<A, TaskError>, Result<B, TaskError>, Result<C, TaskError>, Result<D, TaskError>, Result<E, TaskError>,
  Result<F, TaskError>
) {
  try await gatherResults(createTask(a), createTask(b), createTask(c), createTask(d), createTask(e), createTask(f))
}
