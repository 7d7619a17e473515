import CUAsyncIO
import Scheduler

/// Makes a coroutine run beside the others, and returns a handle to it.
///
/// Nothing of it runs at once: its first step comes in its turn, after everything that is ready now. Task-local values
/// are inherited, as `Task {}` does.
///
/// May be called from any thread, and while the loop is not running: then the task starts with the next
/// ``run(clock:order:onInterrupt:_:)-8gqc5``.
///
/// - Parameters:
///   - name: a name for reports. Without one it is `task-` and a number.
///   - body: the coroutine. An error that it throws and nobody retrieves is reported: see
///     ``Loop/setExceptionHandler(_:)``.
/// - Returns: the task's handle. It may be dropped; the task runs all the same.
///
/// Python: `create_task(coro)`.
@discardableResult
public func createTask<Success>(
  name: String? = nil, _ body: @escaping @LoopActor () async throws -> Success
) -> LoopTask<Success> {
  LoopCore.shared.spawn(name: name, body)
}

extension LoopCore {
  @inline(__always)
  func spawn<Success>(name: String?, _ body: @escaping @LoopActor () async throws -> Success) -> LoopTask<Success> {
    LoopTask(object: spawn(name: name, BodyWords(Body(function: body))))
  }

  /// Creates the task of a time-out scope. Its body lies in the object as it is: a closure around it, to give it the scope, would
  /// be an allocation and two frames more.
  @inline(__always)
  func spawn<Success>(
    in scope: TimeoutScope, _ body: @escaping @LoopActor (TimeoutScope) async throws -> Success
  ) -> TaskObject {
    guard workersWillDo, let words = BodyWords(BodyInScope(function: body)) else {
      return spawn(name: nil) { try await body(scope) }.object
    }
    let object = makeObject(name: nil)
    object.keep(words, in: scope)
    letBegin(object)
    return object
  }

  private func spawn(name: String?, _ body: BodyWords) -> TaskObject {
    let object = makeObject(name: name)
    if workersWillDo {
      object.keep(body)
      letBegin(object)
      return object
    }
    object.keepElsewhere(body)
    uasyncio_set_newborn(object.pointer)
    let task = makeSwiftTask(prefersLoop: Births.keepsChildrenOnLoop)
    if uasyncio_on_loop_thread() { verify(task, isJobOf: object.pointer) }
    return object
  }

  @inline(__always)
  private func makeObject(name: String?) -> TaskObject {
    let object = TaskObject(record: TaskRecord(id: Births.nextNumber(), flags: []))
    let record = object.pointer
    if let name { Births.setName(name, of: record) }
    // The loop's own reference; `settle` releases it after the last step.
    _ = Unmanaged.passRetained(object)
    if Births.keepsChildrenOnLoop { record.pointee.flags.insert(.prefersLoop) }
    return object
  }

  /// Lets a task begin in its turn, with a worker.
  @inline(__always)
  private func letBegin(_ object: TaskObject) {
    state.pointee.tally.taskBegan()
    state.pointee.scheduler.yield(object.pointer.node)
  }

  /// Makes the Swift task for the newborn; the runtime enqueues it on the loop meanwhile. Its body captures nothing, so it
  /// needs no context of its own; each function between it and the coroutine would cost a frame and three checks.
  private func makeSwiftTask(prefersLoop: Bool) -> Task<Void, Never> {
    guard prefersLoop else { return Task { @LoopActor in await TaskObject.start(LoopCore.shared.newborn) } }
    return Task(
      executorPreference: Self.installed.taskExecutor,
      operation: { @LoopActor @Sendable () async -> Void in await TaskObject.start(LoopCore.shared.newborn) })
  }

  /// The rest of the library relies on it: a task's job is the task itself.
  func verify(_ task: Task<Void, Never>, isJobOf record: RecordPointer) {
    precondition(record.pointee.isJob(unsafeBitCast(task, to: UnownedJob.self)), "unknown Swift runtime")
  }
}
