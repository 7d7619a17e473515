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
  /// The tasks that stand still while runs inside of them last. First, so that its address is the state's.
  var standing = WaitList()
  var scheduler: Scheduler
  var lastID: UInt32 = 0
  /// How many runs are nested in each other now.
  var depth = 0
  /// How much room tasks get that do not say, and have no pool; 0 is the usual room.
  var taskSize = 0
  /// The failed tasks that nobody has asked about yet, linked through their records, and since which turn.
  var unretrieved: RecordPointer?
  var unretrievedTurn: UInt32 = 0
  #if !UASYNCIO_BOARD
    /// Whether `drive` has something to look at when this step is over; and always where it does not run.
    var mustReturn = true
  #endif

  init(scheduler: consuming Scheduler) { self.scheduler = scheduler }
}

struct Loop {
  let state: UnsafeMutablePointer<LoopState>

  static var shared: Loop {
    @inline(__always) get { Loop(state: tiny_loop().assumingMemoryBound(to: LoopState.self)) }
  }

  #if UASYNCIO_BOARD
    /// On a board nothing has to be made: memory begins as zeros, and those are a loop in which nothing has happened.
    /// (Its seams are written before they are read: see Scheduler/BoardTurn.swift.)
    @inline(__always)
    static func make() {}
  #else
    /// Makes the loop, if it is not there yet.
    @inline(__always)
    static func make() {
      if !tiny_loop_exists() { makeLoop() }
    }

    @inline(never)
    private static func makeLoop() {
      verifyLayout()
      tiny_loop_begins()
      shared.state.initialize(to: LoopState(scheduler: makeScheduler()))
    }
  #endif

  /// Ends the program if the state does not fit into its place.
  static func verifyLayout() { precondition(MemoryLayout<LoopState>.size <= Int(tiny_loop_bytes())) }

  var standing: UnsafeMutablePointer<WaitList> {
    UnsafeMutableRawPointer(state).assumingMemoryBound(to: WaitList.self)
  }

  /// The task whose step this is: the frames are its record's first field.
  var running: RecordPointer? {
    @inline(__always) get { UnsafeMutableRawPointer(tiny_current())?.assumingMemoryBound(to: TaskRecord.self) }
  }

  /// Nanoseconds since the loop began.
  var now: Int64 { state.pointee.scheduler.now }

  // MARK: - Running

  /// Runs tasks until `target` has finished. Returns false if that cannot happen.
  @inline(never)
  func drive(until target: RecordPointer) -> Bool {
    #if !UASYNCIO_BOARD
      defer { state.pointee.mustReturn = true }
    #endif
    while target.pointee.phase != .finished {
      guard let node = state.pointee.scheduler.next() else { return false }
      #if !UASYNCIO_BOARD
        state.pointee.mustReturn = state.pointee.unretrieved != nil
      #endif
      tiny_resume(begin(RecordPointer(node: node)))
      if state.pointee.unretrieved != nil { reportUnretrieved(afterRun: false) }
    }
    return true
  }

  /// Begins a task's step: from where it was suspended to where it is suspended next.
  @inline(__always)
  fileprivate func begin(_ record: RecordPointer) -> UnsafeMutablePointer<tiny_frames> {
    record.pointee.phase = .running
    #if !UASYNCIO_BOARD
      fetchFollowing()
    #endif
    return record.frames
  }

  #if !UASYNCIO_BOARD
    /// Has the memory fetched that the next steps need, while this one runs: of the next one its frames, for which its record
    /// has to be there, and of the one behind that its record. With more tasks than the caches hold, that is most of a step.
    @inline(__always)
    private func fetchFollowing() {
      guard let next = state.pointee.scheduler.following else { return }
      tiny_prefetch(RecordPointer(node: next).pointee.frames.context)
      tiny_prefetch(next.following)
    }
  #endif

  /// The task whose step follows at once on the one that is over, without coming back to `drive`; nil where that has something
  /// to do first.
  @inline(__always)
  fileprivate func following() -> UnsafeMutablePointer<tiny_frames>? {
    #if UASYNCIO_BOARD
      nil
    #else
      guard !state.pointee.mustReturn, let node = state.pointee.scheduler.nextInTurn() else { return nil }
      return begin(RecordPointer(node: node))
    #endif
  }

  /// What is left to do when a task has had its last step.
  @inline(__always)
  func retire(_ record: RecordPointer) {
    state.pointee.scheduler.giveUpRoom()
    let object = TaskObject.from(record)
    object._withUnsafeGuaranteedRef { releaseFrames(of: $0) }
    tiny_release_task(object.toOpaque())
  }

  /// Ends a task and wakes those who await it. A cancellation that one of them has passed on to it, and that it has not met,
  /// because it came in its last step, goes back; unless there is an error to be told of.
  @inline(__always)
  func finish(_ record: RecordPointer) {
    record.pointee.phase = .finished
    #if !UASYNCIO_BOARD
      // One task that awaits it, and nothing else to think of: so it is for most.
      if record.pointee.flags.isDisjoint(with: [.cancelPending, .endsRun]), let waiter = record.pointee.joiners.front,
        !TaskFlags(rawValue: waiter.pointee.flags).contains(.proxy)
      {
        state.pointee.scheduler.wakeFirst(of: record.joiners)
        if record.pointee.joiners.isEmpty { return }
      }
    #endif
    finishSlowly(record)
  }

  @inline(never)
  private func finishSlowly(_ record: RecordPointer) {
    #if !UASYNCIO_BOARD
      if record.pointee.flags.contains(.endsRun) { state.pointee.mustReturn = true }
    #endif
    if record.pointee.joiners.isEmpty { return noteUnretrieved(record) }
    let cancelsWaiters = record.pointee.flags.contains(.cancelPending) && !record.hasFailed
    while let waiter = record.joiners.pointee.front {
      if TaskFlags(rawValue: waiter.pointee.flags).contains(.proxy) {
        Gathering.taskFinished(record, proxy: waiter)
      } else {
        if cancelsWaiters { RecordPointer(node: waiter).takeBackCancellation() }
        state.pointee.scheduler.wakeFirst(of: record.joiners)
      }
    }
  }
}

/// A step is over: which one follows at once?
@c(tiny_face_follows)
func follows() -> UnsafeMutablePointer<tiny_frames>? { Loop.shared.following() }
