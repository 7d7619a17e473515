// The loop: one for the program, between the scheduler below and the coroutines above.
//
// `Loop` is a handle without content; the state is at a fixed address that the runtime provides, so finding it costs
// nothing: no look-up, no "is it there yet" at each use. It is made by the first call that needs it.
//
// Rules
// -----
// * The thread that runs the loop touches the state, and nothing else does: no interrupt, no other thread, no signal
//   handler. What those have to say goes through a `ThreadSafeFlag`.
// * Every wait is `begin…`, `await park()`, `endWait()`, in this order, with nothing between. See Waiting.swift.
// * Fields are read and written for an instant, never held across a step: a step may come back in here, through a nested
//   `run` for one.
//
// Cost: about 250 bytes on a 32-bit machine, and nothing on the heap.

import CTiny
import Scheduler

struct LoopState: ~Copyable {
  var scheduler: Scheduler
  var running: RecordPointer?
  var lastID: UInt32 = 0
  /// How many runs are nested in each other now.
  var depth = 0
  /// Where tasks get their room that do not say.
  var pool: TaskPool?
  var taskSize = MemoryLayout<UInt>.size * 64
  /// The flags that some task waits for.
  var firstFlag: UnsafeMutablePointer<FlagRecord>?
  /// The failed tasks that nobody has asked about yet, linked through their records, and since which turn.
  var unretrieved: RecordPointer?
  var unretrievedTurn: UInt64 = 0
  var exceptionHandler: ((AnyLoopTask, TaskError) -> Void)?

  init(scheduler: consuming Scheduler) { self.scheduler = scheduler }
}

struct Loop {
  let state: UnsafeMutablePointer<LoopState>

  static var shared: Loop {
    @inline(__always) get { Loop(state: tiny_loop().assumingMemoryBound(to: LoopState.self)) }
  }

  /// Makes the loop, if it is not there yet.
  @inline(__always)
  static func make() {
    if !tiny_loop_exists() { makeLoop() }
  }

  @inline(never)
  private static func makeLoop() {
    precondition(MemoryLayout<LoopState>.size <= Int(tiny_loop_bytes()))
    tiny_loop_begins()
    shared.state.initialize(to: LoopState(scheduler: makeScheduler()))
  }

  /// The task whose step this is.
  var running: RecordPointer? {
    @inline(__always) get { state.pointee.running }
  }

  /// Nanoseconds since the loop began.
  var now: Int64 { state.pointee.scheduler.now }

  // MARK: - Running

  /// Runs tasks until `target` has finished. Returns false if that cannot happen.
  @inline(never)
  func drive(until target: RecordPointer) -> Bool {
    let outer = state.pointee.running
    defer { state.pointee.running = outer }
    while target.pointee.phase != .finished {
      guard let node = state.pointee.scheduler.next() else { return false }
      step(RecordPointer(node: node))
    }
    return true
  }

  /// Runs one step of one task: from where it was suspended to where it is suspended next.
  @inline(__always)
  func step(_ record: RecordPointer) {
    state.pointee.running = record
    record.pointee.phase = .running
    tiny_resume(record.frames)
    state.pointee.running = nil
    if record.pointee.phase == .finished { retire(record) }
    if state.pointee.unretrieved != nil { reportUnretrieved(afterRun: false) }
  }

  /// What is left to do when a task has had its last step, and its frames are no longer in use.
  @inline(never)
  private func retire(_ record: RecordPointer) {
    let object = TaskObject.from(record)
    object._withUnsafeGuaranteedRef { releaseFrames(of: $0) }
    object.release()
  }

  /// Ends a task and wakes those who await it.
  @inline(never)
  func finish(_ record: RecordPointer) {
    record.pointee.phase = .finished
    if record.pointee.joiners.isEmpty { noteUnretrieved(record) }
    while let waiter = record.joiners.pointee.front {
      if TaskFlags(rawValue: waiter.pointee.flags).contains(.proxy) {
        Gathering.taskFinished(record, proxy: waiter)
      } else {
        wake(waiter, .event)
      }
    }
  }
}
