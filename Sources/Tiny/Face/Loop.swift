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
// Cost: about 170 bytes on a 32-bit machine, and nothing on the heap.

import CTiny
import Scheduler

struct LoopState: ~Copyable {
  /// The tasks that stand still while runs inside of them last. First, so that its address is the state's.
  var standing = WaitList()
  var lastID: UInt32 = 0
  /// How much room for frames tasks get that do not say, and have no pool.
  var taskSize = UInt32(Loop.usualTaskSize)
  // What a step writes of the scheduler is at its beginning.
  var scheduler: Scheduler
  /// How many runs are nested in each other now.
  var depth = 0
  /// The failed tasks that nobody has asked about yet, linked through their records, and since which turn.
  var unretrieved: RecordPointer?
  var unretrievedTurn: UInt32 = 0

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

  /// Keeps the room in the parking lot that one task more may need, and makes the loop, if it is not there yet.
  @inline(__always)
  static func keepRoom() {
    #if UASYNCIO_LINKED
      // A node brings its own room along.
      make()
    #else
      // A loop that has not been made yet has room for nobody.
      if !shared.state.pointee.scheduler.lot.keepRoom() { tiny_make_room() }
    #endif
  }

  /// Gives up a finished task's room.
  @inline(__always)
  func giveUpRoom() {
    #if !UASYNCIO_LINKED
      state.pointee.scheduler.lot.giveUpRoom()
    #endif
  }

  /// Ends the program if the state does not fit into its place.
  static func verifyLayout() { precondition(MemoryLayout<LoopState>.size <= Int(tiny_loop_bytes())) }

  var standing: UnsafeMutablePointer<WaitList> {
    UnsafeMutableRawPointer(state).assumingMemoryBound(to: WaitList.self)
  }

  /// The task whose step this is: the frames are its record's first field.
  var running: RecordPointer? {
    @inline(__always) get { tiny_current().map(RecordPointer.init(frames:)) }
  }

  /// The same, but not one that has ended, and what it leaves behind is being let go: that happens outside of all tasks.
  var current: RecordPointer? { running.flatMap { $0.pointee.phase == .finished ? nil : $0 } }

  /// Nanoseconds since the loop began.
  var now: Int64 { state.pointee.scheduler.now }

  // MARK: - Running

  /// Runs tasks until `target` has finished. Returns false if that cannot happen.
  @inline(never)
  func drive(until target: RecordPointer) -> Bool {
    #if !UASYNCIO_BOARD
      // Who drives from further out may have what it waits for.
      defer { returnAfterStep() }
    #endif
    while target.pointee.phase != .finished {
      guard let node = state.pointee.scheduler.next() else { return false }
      tiny_resume(begin(node))
      if state.pointee.unretrieved != nil { reportUnretrieved(afterRun: false) }
    }
    return true
  }

  /// Begins a task's step: from where it was suspended to where it is suspended next.
  @inline(__always)
  fileprivate func begin(_ node: NodePointer) -> FramesPointer {
    #if !UASYNCIO_BOARD
      fetchFollowing()
    #endif
    return RecordPointer(node: node).frames
  }

  #if !UASYNCIO_BOARD
    /// Has the memory fetched that the next steps need, while this one runs: of the next one its frames, for which its record
    /// has to be there, and of the one behind that its record. With more tasks than the caches hold, that is most of a step.
    @inline(__always)
    private func fetchFollowing() {
      guard let next = state.pointee.scheduler.following else { return }
      tiny_prefetch(RecordPointer(node: next).pointee.frames.parking.parent)
      tiny_prefetch(next.following)
    }
  #endif

  /// The task whose step follows at once on the one that is over, without coming back to `drive`; nil where that has something
  /// to do first.
  @inline(__always)
  func following() -> FramesPointer? {
    #if UASYNCIO_BOARD
      nil
    #else
      state.pointee.scheduler.nextInTurn().map(begin)
    #endif
  }

  #if !UASYNCIO_BOARD
    /// Has `drive` look at what there is when this step is over.
    func returnAfterStep() { state.pointee.scheduler.pauseTurn() }
  #endif

  /// Ends a task whose result or error is there, and says whose step follows at once.
  @inline(__always)
  func end(_ record: RecordPointer, captured: UnsafeMutableRawPointer?) -> FramesPointer? {
    record.pointee.phase = .finished
    endBody(captured: captured)
    #if !UASYNCIO_BOARD
      // One task that awaits it, and nothing else to think of: so it is for most. Then that one follows, unless others do.
      if record.pointee.flags.isDisjoint(with: [.cancelPending, .endsRun, .pooled]),
        let waiter = record.joiners.pointee.only, !TaskFlags(rawValue: waiter.pointee.flags).contains(.proxy)
      {
        giveUpRoom()
        // The object stays: the one that awaits it holds a handle. (And nobody looks at a finished task's list of those.)
        tiny_unhold_task(TaskObject.from(record).toOpaque())
        return state.pointee.scheduler.nextInTurn(waking: waiter).map(begin)
      }
    #endif
    finish(record)
    retire(record)
    return following()
  }

  /// What is left to do when a task has had its last step, or will have none.
  func retire(_ record: RecordPointer) {
    giveUpRoom()
    if let pool = record.pointee.pool {
      record.pointee.pool = nil
      pool.takeRetainedValue().giveBack(record.pointee.frames.base)
    }
    tiny_release_task(TaskObject.from(record).toOpaque())
  }

  /// Wakes those who await a finished task. A cancellation that one of them has passed on to it, and that it has not met,
  /// because it came in its last step, goes back; unless there is an error to be told of.
  @inline(never)
  func finish(_ record: RecordPointer) {
    #if !UASYNCIO_BOARD
      if record.pointee.flags.contains(.endsRun) { returnAfterStep() }
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

#if !UASYNCIO_LINKED
  /// There is no room in the parking lot for one task more, or no loop yet.
  @c(tiny_face_makes_room)
  func makeRoom() {
    if !tiny_loop_exists() {
      Loop.make()
      _ = Loop.shared.state.pointee.scheduler.lot.keepRoom()
    }
    Loop.shared.state.pointee.scheduler.lot.makeRoom()
  }
#endif

/// A step is over: which one follows at once?
@c(tiny_face_follows)
func follows() -> FramesPointer? { Loop.shared.following() }
