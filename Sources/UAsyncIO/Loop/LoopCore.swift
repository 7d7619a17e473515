// The loop of the Swift face: one for the process, between the scheduler below and the coroutines above.
//
// `LoopCore` is a handle, one pointer wide; what it points to is `LoopState`. It is a pointer and not an object, because
// reference counts and exclusivity checks on each step would cost more than the step itself.
//
// Rules
// -----
// * Only the thread that owns the loop touches `LoopState`. Which one that is, is asked at every door: `arrive` (jobs
//   from the runtime) and `inTask` (coroutines that want to wait). What other threads have to say goes through the
//   `Mailbox`, which has a lock of its own and shares nothing with the state.
// * Every wait is `begin…`, `await park()`, `endWait()`, in this order, with nothing between. See Waiting.swift.
// * Fields are read and written for an instant, never held across a step: a step may come back in here, through a
//   nested `run` for one.

import CUAsyncIO
import Platform
import Scheduler

@usableFromInline
struct LoopCore: @unchecked Sendable {
  let state: UnsafeMutablePointer<LoopState>

  /// The process's loop.
  static var shared: LoopCore {
    @inline(__always) get {
      guard let pointer = uasyncio_get_state() else { return installed.loop }
      return LoopCore(state: pointer.assumingMemoryBound(to: LoopState.self))
    }
  }

  /// Everything that exists once, made at first use.
  static let installed = Installation()

  final class Installation: Sendable {
    let loop: LoopCore
    let loopActor = LoopActor.makeImmortal()
    let taskExecutor = LoopTaskExecutor()

    init() {
      TaskObject.verifyLayout()
      let state = UnsafeMutablePointer<LoopState>.allocate(capacity: 1)
      state.initialize(to: LoopState(executor: loopActor.unownedExecutor))
      loop = LoopCore(state: state)
      uasyncio_install(Unmanaged.passUnretained(loopActor).toOpaque(), state)
    }
  }

  /// The loop, if the caller is a coroutine of ours that runs on its thread and may simply wait: what every primitive
  /// asks first. In all other cases it takes the long way.
  @usableFromInline static var inTask: LoopCore? {
    @inline(__always) get {
      guard uasyncio_on_loop_thread() else { return nil }
      let loop = onItsThread
      guard let running = loop.running, running.isCurrent,
        running.pointee.flags.isDisjoint(with: [.guest, .cancelPending, .doomed])
      else { return nil }
      return loop
    }
  }

  /// The loop, to whoever runs on its thread: such a thread has made it.
  static var onItsThread: LoopCore {
    @inline(__always) get {
      LoopCore(state: uasyncio_get_state().unsafelyUnwrapped.assumingMemoryBound(to: LoopState.self))
    }
  }

  /// The task whose step this is.
  var running: RecordPointer? {
    @inline(__always) get { state.pointee.running }
  }

  /// Nanoseconds since the loop began.
  var now: Int64 { state.pointee.scheduler.clock.now }
}

/// What only the loop's thread touches.
struct LoopState: ~Copyable {
  var scheduler: Scheduler
  var running: RecordPointer?
  /// Tasks that stand still in the middle of a step, since they have called `run`; the innermost last.
  var standing: [RecordPointer] = []
  /// The tasks within whose step the running one was begun, the innermost last; nil stands for a callback. See Callers.swift.
  var hosts: [RecordPointer?] = []
  let executor: UnownedSerialExecutor
  /// What the drive has to look after when a step is over; empty nearly always.
  var attention: Attention = []

  /// Tasks of ours that are suspended in something that is not ours, by their job.
  var elsewhere: [UnownedJobKey: RecordPointer] = [:]
  /// The functions that were sent and have not been called.
  let calls = Calls()
  /// The Swift tasks that run one task's body after the other's.
  var workers = TaskWorkers()
  /// Storage for the mail that is being read.
  var spareLetters = Batch<Mailbox.Letter>()
  /// Records of guests, to be used again.
  var idleGuests: [RecordPointer] = []
  /// Memory of gatherings' proxies, to be used again.
  var spareProxies: [UnsafeMutablePointer<Gathering.Proxy>] = []
  /// How many runs are nested in each other now.
  var depth = 0
  var nextTicket: UInt64 = 1
  /// The tickets of guests that are parked: by them a late cancellation finds out that it is too late.
  var guestTickets: [RecordPointer: UInt64] = [:]
  var unretrieved: [UnretrievedError] = []
  /// What is counted for statistics.
  var tally = Tally()
  /// What ends the runs that go on until they are stopped, the innermost last.
  var stops: [Event] = []
  /// What every await throws whose task has been cancelled.
  let cancellation: any Error = CancellationError()
  /// The same as a word.
  let wordOfCancellation: UInt
  var exceptionHandler: (@LoopActor (ExceptionContext) -> Void)?
  var epoll: Epoll?
  /// Nodes that were woken because the descriptor that they waited for was closed.
  var abandoned: [NodePointer] = []
  var observer: LoopObserver?
  /// Whether this run has said that it waits for something outside.
  var hasRemarkedSilence = false
  /// The task that an interrupt cancels: that of the innermost run, in a run that catches interrupts.
  var interruptible: RecordPointer?
  /// Whether an interrupt has cancelled it.
  var wasInterrupted = false
  /// Whether every task is being made to end.
  var isEnding = false
  /// How often the loop has been made afresh.
  var generation = 0
  /// How often each task has been thrown at meanwhile.
  var doom: [RecordPointer: Int] = [:]

  init(executor: UnownedSerialExecutor) {
    self.executor = executor
    let place = UnsafeMutablePointer<any Error>.allocate(capacity: 1)
    place.initialize(to: cancellation)
    wordOfCancellation = UnsafeRawPointer(place).load(as: UInt.self)
    place.deinitialize(count: 1)
    place.deallocate()
    scheduler = Scheduler(clock: .virtual(now: 0), poller: .none, order: .fifo)
  }
}

/// What needs attention after a step.
struct Attention: OptionSet {
  let rawValue: UInt8
  /// Errors wait to be reported.
  static let unretrieved = Attention(rawValue: 1)
  /// A test watches the steps.
  static let observer = Attention(rawValue: 2)
  /// The steps are measured.
  static let measuring = Attention(rawValue: 4)
}

/// A job's identity, as a dictionary's key.
struct UnownedJobKey: Hashable {
  private let bits: UInt
  init(_ job: UnownedJob) { bits = unsafeBitCast(job, to: UInt.self) }
}

let mailbox = Mailbox()
