// Workers: Swift tasks that run one body after the other.
//
// Making a Swift task, and freeing it, costs 3,000 instructions, four times as much as all that a task of ours needs
// beside it. So a task has no Swift task of its own until its first step, and then it is given a worker: one that has
// finished with another task's body, or a new one. Between two bodies a worker is suspended like any coroutine that waits.
//
// One that has finished goes on driving
// -------------------------------------
// Suspending the worker after each body, and resuming it for the next, would cost twice what a body costs that never waits.
// So a worker that has finished with a body does what `LoopCore.drive` would do next: it takes the next node from the
// scheduler. If that has not begun yet, the worker calls its body; otherwise it runs the node's step, on top of its own
// stack. A body that waits suspends the worker, and control is back in `drive`. Only one worker at a time drives, the
// lowest on the stack, so the stack does not grow. It hands back to `drive`, and is suspended, when there is
// nothing ready, when anything but a task's step is to be done, and when the run is over.
//
// Nobody can tell
// ---------------
// What a Swift task has beside its stack must not pass from one body to the next, and what a task would have inherited
// from its creator it must still have:
//
//   task-local values   A worker has none. A task whose creator has any is given a Swift task of its own, at creation; so
//                       is one that is created outside of a task of ours (on another thread, in a callback, in a
//                       native task).
//   priority            Workers have that of the first creator; a task whose creator has another one is given a Swift task.
//   native cancellation It is for ever: a worker that has met one ends.
//   executor preference Virtual and seeded runs have workers of their own.
//   memory              A body, and what it holds, is freed when it ends. A task's frames lie in memory that the runtime
//                       never gives back before the Swift task ends: so a worker ends after `longestLife` bodies, at most
//                       `mostIdle` are kept, and none after a run.
//
// Whether a Swift task has task-local values is asked by looking at one word of it, which nobody promises to be there.
// `Probe.findLocals` finds it by binding one, and where it does not find it there are no workers.

import CUAsyncIO
import Scheduler

/// The workers that are idle, and the state of the one that drives.
struct TaskWorkers {
  /// How many bodies a worker runs before it ends.
  static var longestLife: Int { 256 }
  /// How many idle workers of each kind are kept.
  static var mostIdle: Int { 256 }

  fileprivate var idle: [UnownedJob] = []
  /// Those with a preference for the loop.
  fileprivate var idlePreferring: [UnownedJob] = []
  /// The function of the body of the task that has its first step.
  var function: UInt = 0
  var drive = WorkerDrive(target: nil)

  /// How many are idle.
  var idleCount: Int { idle.count + idlePreferring.count }

  /// A node that a worker has taken from the scheduler, and that is not for it.
  @inline(__always)
  mutating func takeLeftOver() -> NodePointer? {
    guard let node = drive.leftOver else { return nil }
    drive.leftOver = nil
    return node
  }
}

/// What a worker needs to know of the `LoopCore.drive` in which it drives.
struct WorkerDrive {
  /// With what task's end it is over; nil where no worker may drive.
  let target: RecordPointer?
  /// Whether a worker drives already.
  var isTaken = false
  var leftOver: NodePointer?

  init(target: RecordPointer?) { self.target = target }
}

extension LoopCore {
  // MARK: - Whose task can be given to a worker

  /// Whether a task that is created here and now inherits nothing that a worker does not have.
  var workersWillDo: Bool {
    @inline(__always) get {
      guard uasyncio_on_loop_thread(), let running, !running.pointee.flags.contains(.guest),
        let task = uasyncio_current_task(), running.pointee.isJob(unsafeBitCast(task, to: UnownedJob.self))
      else { return false }
      if uasyncio_get_worker_priority() == 0 { prepareWorkers(as: task) }
      return uasyncio_task_is_plain(task) && !uasyncio_has_locals(task)
    }
  }

  /// Makes workers possible if they are: finds out where a Swift task has its task-local values, and makes the creator's
  /// priority that of workers.
  @inline(never)
  private func prepareWorkers(as creator: UnsafeMutableRawPointer) {
    guard uasyncio_task_base_priority(creator) == uasyncio_task_priority(creator) else { return }
    // A Swift task of its own: what has run in others has filled their memory, and a value that is bound would lie elsewhere.
    let record = RecordPointer.allocate(capacity: 1)
    record.initialize(to: TaskRecord(id: 0, flags: []))
    record.pointee.phase = .running
    defer { record.deallocate() }
    uasyncio_set_newborn(record)
    _ = Task.detached(operation: { @LoopActor @Sendable () async -> Void in Probe.findLocals() })
    record.pointee.job.runSynchronously(on: state.pointee.executor)
    let word = Probe.word
    uasyncio_describe_workers(word ?? 0, word == nil ? .max : uasyncio_task_base_priority(creator))
  }

  // MARK: - A worker's life

  /// Gives a worker to a task that has its first step.
  @inline(__always)
  func bind(_ record: RecordPointer) {
    state.pointee.workers.function = record.pointee.function
    let prefersLoop = record.pointee.flags.contains(.prefersLoop)
    let job = prefersLoop ? state.pointee.workers.idlePreferring.popLast() : state.pointee.workers.idle.popLast()
    if let job { record.pointee.job = job } else { makeWorker(for: record, prefersLoop: prefersLoop) }
  }

  private static var workersPriority: TaskPriority { TaskPriority(rawValue: UInt8(uasyncio_get_worker_priority())) }

  @inline(never)
  private func makeWorker(for record: RecordPointer, prefersLoop: Bool) {
    uasyncio_set_newborn(record)
    verify(makeWorker(prefersLoop: prefersLoop), isJobOf: record)
  }

  private func makeWorker(prefersLoop: Bool) -> Task<Void, Never> {
    guard prefersLoop else {
      return Task.detached(
        priority: Self.workersPriority,
        operation: { @LoopActor @Sendable () async -> Void in await LoopCore.shared.work() })
    }
    return Task.detached(
      executorPreference: Self.installed.taskExecutor, priority: Self.workersPriority,
      operation: { @LoopActor @Sendable () async -> Void in await LoopCore.shared.work() })
  }

  /// What a worker does. Begins, and goes on after each suspension, in the first step of a task.
  private nonisolated(nonsending) func work() async {
    var bodies = 0
    while running != nil {
      await TaskObject.start(newborn)
      bodies += 1
      switch afterBody(bodies) {
      case .begin: break
      case .wait: await park()
      case .end: return
      }
    }
  }

  private enum AfterBody {
    /// There is another task that has its first step.
    case begin
    /// Wait until there is.
    case wait
    case end
  }

  private func afterBody(_ bodies: Int) -> AfterBody {
    // Not so where the task was left behind by a loop that was emptied, and has come back from elsewhere.
    guard state.pointee.hosts.isEmpty, let record = running, record.pointee.phase == .finished else { return .end }
    // Its body has just run here, so its job is the worker.
    let job = record.pointee.job
    let worker = unsafeBitCast(job, to: UnsafeMutableRawPointer.self)
    guard bodies < TaskWorkers.longestLife, uasyncio_worker_is_plain(worker) else { return .end }
    let prefersLoop = record.pointee.flags.contains(.prefersLoop)
    if goOn(after: record, as: job, prefersLoop: prefersLoop) { return .begin }
    if prefersLoop {
      guard state.pointee.workers.idlePreferring.count < TaskWorkers.mostIdle else { return .end }
      state.pointee.workers.idlePreferring.append(job)
    } else {
      guard state.pointee.workers.idle.count < TaskWorkers.mostIdle else { return .end }
      state.pointee.workers.idle.append(job)
    }
    return .wait
  }

  /// Drives on the worker's stack, if nobody does it there already and there is nothing special to do.
  ///
  /// - Returns: whether a task has its first step now, and the worker's job.
  private func goOn(after record: RecordPointer, as job: UnownedJob, prefersLoop: Bool) -> Bool {
    guard !state.pointee.workers.drive.isTaken, let target = state.pointee.workers.drive.target,
      state.pointee.attention.isEmpty
    else { return false }
    settle(record)
    state.pointee.workers.drive.isTaken = true
    defer { state.pointee.workers.drive.isTaken = false }
    while target.pointee.phase != .finished, state.pointee.attention.isEmpty, state.pointee.scheduler.hasReady,
      let node = state.pointee.scheduler.next()
    {
      let record = RecordPointer(node: node)
      if record.pointee.flags.contains(.notATask) {
        state.pointee.workers.drive.leftOver = node
        return false
      }
      if record.pointee.isUnborn, record.pointee.flags.contains(.prefersLoop) == prefersLoop {
        state.pointee.tally.steps &+= 1
        state.pointee.running = record
        record.pointee.phase = .running
        state.pointee.workers.function = record.pointee.function
        record.pointee.job = job
        return true
      }
      step(record)
    }
    return false
  }

  /// Ends the idle workers.
  func dismissWorkers() {
    while let job = state.pointee.workers.idle.popLast() { job.runSynchronously(on: state.pointee.executor) }
    while let job = state.pointee.workers.idlePreferring.popLast() {
      job.runSynchronously(
        isolatedTo: state.pointee.executor, taskExecutor: Self.installed.taskExecutor.asUnownedTaskExecutor())
    }
  }
}

/// Where a Swift task has its task-local values.
private enum Probe {
  @TaskLocal static var value = 0
  /// What was found; touched on the loop's thread only.
  nonisolated(unsafe) static var word: Int?

  /// Compares the words of the present Swift task without and with a value: the one that leads to the value is it.
  @LoopActor
  static func findLocals() {
    guard let task = uasyncio_current_task() else { return }
    let words = task.assumingMemoryBound(to: UInt.self)
    let before = (0..<32).map { words[$0] }
    let bound = $value.withValue(1) { (0..<32).map { words[$0] } }
    let key = UInt(bitPattern: Unmanaged.passUnretained($value).toOpaque())
    // Nothing was there before, nothing is there now, and meanwhile a pointer: one word only. What it leads to says in its
    // second word whose value it is.
    let found = (1..<32).filter { before[$0] == 0 && words[$0] == 0 && bound[$0] > 4096 && bound[$0] % 8 == 0 }
    guard found.count == 1, let item = UnsafePointer<UInt>(bitPattern: bound[found[0]]), item[1] == key else { return }
    word = found[0]
  }
}
