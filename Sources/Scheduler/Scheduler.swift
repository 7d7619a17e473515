// The scheduler: which node runs next, and when.
//
// It is pulled, not pushed. A face asks `next()` for a node, runs it until it suspends, and asks again:
//
//     while let node = scheduler.next() { run(node) }
//
// so nothing here calls up into a coroutine, and the floor stays free of what a coroutine is. While it runs, the node
// says what it waits for (`park`, `yield`), and others are told to go on (`wake`).
//
// Everything in which one run can differ from another comes in through three seams: `Clock`, `Poller` and `Order`.
// Nothing else here, or above, reads the time, draws a random number or asks a descriptor. With a virtual clock and a
// seeded order two runs are the same run, as long as no other thread takes part.
//
// One turn of the loop
// --------------------
//   1. Take in the mail that other threads have left, if there is any.
//   2. Ask the poller, without waiting, which descriptors are ready: in every turn that comes at least
//      `pollInterval` after the last time, and does not come to step 4, which asks it too.
//   3. Wake each node whose deadline has passed: the earliest deadline first, equal deadlines in the order of parking.
//      (The clock is read once in a turn, when it begins or its wait is over.)
//   4. If nothing is ready: wait in the poller until the next deadline, or, with a virtual clock, jump to it; then
//      start again with 1. If nothing can ever become ready, the scheduler is stuck: `next()` returns nil. Before a
//      virtual clock jumps past something that is awaited from outside, and before it is stuck, `silence` is kept; while
//      something is being done outside for the loop (`outsideHolds`), it does not jump at all.
//   5. Let the ready nodes run, in the order that `Order` says, up to the turn's budget of steps.
//
// Steps 1 to 3 come back after at most `budget` steps of 5. The budget is 64 while nothing is awaited. When something
// begins to be awaited, and after each wait in step 4, it is 1: nobody knows yet how long steps take. (If nothing is awaited any
// more when that one step is over, the turn goes on as if nothing had been: so is a time limit that is not needed.) It grows
// while turns are short, and a turn that took longer than `turnTarget` cuts it to what would have fitted, down to a single
// step. So tasks that compute for long delay timers and descriptors by hardly more than their own step, and tasks that
// only hand over to each other pay for a clock reading 64 times less often.
//
// Never: keep a pointer to a node after the face has freed it; call `next()` from within a poller's closure.

/// One loop: the ready queue, the parking lot, and the seams.
public struct Scheduler: ~Copyable {
  @usableFromInline var ready = ReadyQueue()
  /// Steps left in this turn; as a negative number while the turn is paused.
  @usableFromInline var credit = 0
  public var lot = ParkingLot()
  public private(set) var clock: Clock
  public private(set) var poller: Poller
  private var order: Order
  private var shuffler = Shuffler()

  /// Steps that this turn has lost because something began to be awaited; it gets them back if that is over by then.
  private var withheld = 0
  private var budget = 1
  /// When the turn's steps began, as far as the budget cares; `unmeasured` where they say nothing about it.
  private var turnBegan: Int64 = 0
  private static var unmeasured: Int64 { .max }
  private var lastPoll: Int64 = 0
  /// Whether mail had come when this turn began: more may follow.
  private var gotMail = false

  /// The number of turns begun.
  public internal(set) var turn: UInt64 = 0
  /// How many waits only the outside can end: watched descriptors, and coroutines suspended elsewhere.
  public var outsideWaits = 0 {
    didSet { if oldValue == 0, outsideWaits > 0 { beginAwaiting() } }
  }
  /// How much is being done for this loop by others, threads for example: until they are finished, a virtual clock stands
  /// still.
  public var outsideHolds = 0
  /// With a virtual clock, for how many real nanoseconds nothing may come from outside before the clock jumps while
  /// something is awaited from there, and before a deadlock is declared.
  public var silence: Int64 = 20_000_000

  /// The most steps in a turn.
  public static var fullBudget: Int { 64 }
  /// How many nanoseconds a turn should take at most.
  public static var turnTarget: Int64 { 200_000 }
  /// The least number of nanoseconds between two looks at the descriptors while tasks are ready: as long as a turn should
  /// take, for that is what they may wait for anyway. The longer it is, the more a look finds at once.
  public static var pollInterval: Int64 { turnTarget }

  public init(clock: Clock, poller: Poller, order: Order) {
    self.clock = clock
    self.poller = poller
    self.order = order
    Self.useSeams()
  }

  /// A scheduler for a program that knows nothing but real time, first in, first out: unless the program calls the other
  /// initializer or `configure`, the linker leaves out what the seams could do otherwise.
  public init(read: @escaping () -> Int64, origin: Int64, poller: ExternalPoller) {
    clock = .monotonic(read: read, origin: origin)
    self.poller = .external(poller)
    order = .fifo
  }

  #if hasFeature(Embedded)
    /// Whether the program has any scheduler with other seams. Where nothing sets it, the linker knows that it is false.
    @usableFromInline nonisolated(unsafe) static var usesSeams = false
    private static func useSeams() { usesSeams = true }
  #else
    private static var usesSeams: Bool { true }
    private static func useSeams() {}
  #endif

  /// Nanoseconds since the loop began.
  public var now: Int64 {
    #if UASYNCIO_BOARD
      if !Self.usesSeams { return Self.boardTime }
    #endif
    return clock.now
  }

  private var simulated: SimulatedPoller? { Self.usesSeams ? poller.simulated : nil }

  // MARK: - What a running node says

  /// Lets a node run again after all those that are ready now.
  @inlinable
  public mutating func yield(_ node: NodePointer) {
    node.pointee.reason = .started
    ready.append(node)
  }

  /// Lets a node run for the first time, after all those that are ready now.
  @inlinable
  public mutating func admit(_ node: NodePointer) { ready.append(new: node) }

  /// Parks a node until it is woken or `deadline` comes; `Clock.never` is no limit.
  @inlinable
  public mutating func park(_ node: NodePointer, until deadline: Int64) {
    if !lot.hasTimers, deadline != Clock.never { beginAwaiting() }
    lot.park(node, until: deadline)
  }

  /// Lets a node go on behind those that are ready, as if its step had not been over: why it was woken stays.
  public mutating func requeue(_ node: NodePointer) {
    node.pointee.phase = 0
    ready.append(node)
  }

  // MARK: - Waking

  /// Takes a node out of everything that it waits in, and lets it run.
  @inlinable
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  public mutating func wake(_ node: NodePointer, _ reason: WakeReason) {
    WaitList.remove(node)
    lot.remove(node)
    node.pointee.reason = reason
    node.pointee.phase = 0
    ready.append(node)
  }

  #if UASYNCIO_TINY
    /// Lets the first node of a wait list run. None of those in the list is parked.
    @inlinable
    public mutating func wakeFirst(of list: UnsafeMutablePointer<WaitList>) {
      let node = WaitList.removeFirst(of: list)
      node.pointee.reason = .event
      node.pointee.phase = 0
      ready.append(node)
    }
  #endif

  /// Takes a node that waits out of everything without letting it run.
  public mutating func forget(_ node: NodePointer) {
    WaitList.remove(node)
    lot.remove(node)
  }

  /// Gives a node that waits another deadline.
  public mutating func setDeadline(_ node: NodePointer, _ deadline: Int64) {
    lot.remove(node)
    park(node, until: deadline)
  }

  /// Ends the turn: before the next node runs, the clock is read and what is due is woken. (Under a seeded order a turn
  /// is what was ready when it began, and each of that must have its step: it ends by itself.)
  public mutating func endTurn() {
    guard case .fifo = order else { return }
    credit = 0
    withheld = 0
  }

  /// Pauses the turn: `nextInTurn` returns nil until `next` has been called, which goes on with it. So a face can look at
  /// something in between.
  public mutating func pauseTurn() {
    if credit > 0 { credit = -credit }
  }

  #if UASYNCIO_TINY
    /// The node that runs after the one that runs now, as far as is known.
    public var following: NodePointer? { ready.front }

    /// Ends the turn if a time has come.
    public mutating func endTurn(ifDue deadline: Int64) {
      #if UASYNCIO_BOARD
        if !Self.usesSeams { return }
      #endif
      if deadline <= now { endTurn() }
    }
  #endif

  // MARK: - Descriptors

  /// Whether readiness comes from the outside only. A face that knows its poller may then file a wait there itself; it
  /// counts it in `outsideWaits`.
  @inlinable
  public var pollsSystem: Bool { if case .external = poller { true } else { false } }

  /// Wakes `node` once when the descriptor is ready. Returns 0 or the system's error number.
  public mutating func watch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) -> Int32 {
    if let simulated {
      simulated.watch(descriptor, interest, node)
      return 0
    }
    guard let external = poller.external else { return Self.notSupported }
    let error = external.watch(descriptor, interest, node)
    if error == 0 { outsideWaits += 1 }
    return error
  }

  /// Takes back a `watch` that ended without an answer.
  public mutating func unwatch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) {
    if let simulated {
      simulated.unwatch(node)
    } else if let external = poller.external {
      external.unwatch(descriptor, interest, node)
      outsideWaits -= 1
    }
  }

  /// Called by an external poller: the descriptor that `node` watches is ready.
  ///
  /// Returns false where the node has been woken by something else already, and has not taken its watch back yet: then
  /// nothing has changed, and the poller keeps the watch until it does.
  public mutating func answerWatch(_ node: NodePointer) -> Bool {
    guard lot.isParked(node) else { return false }
    outsideWaits -= 1
    wake(node, .event)
    return true
  }

  /// ENOSYS: there is no poller.
  public static var notSupported: Int32 { 38 }

  // MARK: - Seams

  /// Changes where time, order and readiness come from. The loop's time goes on from where it is.
  public mutating func configure(clock: Clock, poller: Poller, order: Order) {
    self.clock = clock
    self.poller = poller
    self.order = order
    Self.useSeams()
    credit = 0
    withheld = 0
    budget = 1
    lastPoll = 0
  }

  /// Waits for news from outside for at most so many nanoseconds of real time, without running anything.
  public mutating func listen(for nanoseconds: Int64) {
    poller.external?.poll(.nanoseconds(nanoseconds), &self)
  }

  /// Lets so many nanoseconds of virtual time pass although something may be ready; a real clock has gone on by itself.
  /// Then wakes what is due: a node that has blocked for so long makes nothing ready before that.
  public mutating func passTime(_ nanoseconds: Int64) {
    if case .virtual(let now) = clock { clock = .virtual(now: Clock.deadline(nanoseconds, after: now)) }
    let now = clock.now
    while let node = lot.popDue(at: now) { wake(node, .deadline) }
  }

  /// Takes the nodes that are ready out of the queue without letting them run.
  public mutating func forgetReady() {
    while let node = ready.popFirst() { node.pointee.next = nil }
  }

  /// Calls `body` with each node that is ready to run.
  public borrowing func forEachReady(_ body: (NodePointer) -> Void) { ready.forEach(body) }

  /// Whether a node is ready to run.
  public var hasReady: Bool { !ready.isEmpty }

  // MARK: - The turn

  /// The next node to run; nil when nothing is ready and nothing can become so.
  @inlinable
  public mutating func next() -> NodePointer? {
    #if UASYNCIO_BOARD
      if !Self.usesSeams { return nextOnBoard() }
    #endif
    return nextInTurn() ?? nextTurn()
  }

  /// The next node to run, if this turn has one more step; nil where there is something else to do before the next step.
  @inlinable
  public mutating func nextInTurn() -> NodePointer? {
    guard credit > 0, let node = ready.popFirst() else { return nil }
    credit &-= 1
    return node
  }

  #if UASYNCIO_TINY
    /// Wakes a node that is the only one in its wait list, and is not parked; then as above. Nothing is queued that would be
    /// taken out again at once. The list stays as it is, and is not to be looked at any more.
    @inlinable
    public mutating func nextInTurn(waking node: NodePointer) -> NodePointer? {
      node.pointee.list = nil
      node.pointee.reason = .event
      node.pointee.phase = 0
      if ready.isEmpty, credit > 0 {
        credit &-= 1
        return node
      }
      ready.append(node)
      return nextInTurn()
    }
  #endif

  @usableFromInline
  mutating func nextTurn() -> NodePointer? {
    if credit < 0 {
      credit = -credit
      if let node = nextInTurn() { return node }
    }
    if withheld > 0 {
      credit = withheld
      withheld = 0
      if !lot.hasTimers, outsideWaits == 0, let node = ready.popFirst() {
        credit -= 1
        return node
      }
      credit = 0
    }
    adaptBudget()
    turn &+= 1
    var patient = true
    while true {
      takeInMail()  // 1
      // A real clock has been read when the turn began, or its wait was over, unless nothing was awaited then.
      let now = clock.isVirtual || turnBegan == Self.unmeasured ? clock.now : turnBegan
      lookAtDescriptors(now)  // 2
      wakeDue(now)  // 3
      if !ready.isEmpty { break }
      guard waitForNews(patient: &patient) else { return nil }  // 4
      if case .monotonic = clock {
        turnBegan = clock.now
        // The wait was a look at the descriptors.
        lastPoll = turnBegan
        budget = 1
      }
    }
    credit = orderTurn()  // 5
    credit -= 1
    return ready.popFirst()
  }

  /// Step 1.
  private mutating func takeInMail() {
    guard let external = poller.external else { return }
    gotMail = external.hasMail()
    guard gotMail else { return }
    external.takeMail(&self)
  }

  /// Step 2.
  private mutating func lookAtDescriptors(_ now: Int64) {
    if let simulated {
      while let node = simulated.popReady(at: now) { wake(node, .event) }
    } else if outsideWaits > 0, let external = poller.external {
      guard clock.isVirtual || now - lastPoll >= Self.pollInterval && runsSomething(at: now) else { return }
      lastPoll = now
      external.poll(.instant, &self)
    }
  }

  /// Whether the turn has something to run even if no descriptor is ready: otherwise it waits for them anyway.
  private borrowing func runsSomething(at now: Int64) -> Bool {
    !ready.isEmpty || lot.nextDeadline.map { $0 <= now } ?? false
  }

  /// Step 3.
  private mutating func wakeDue(_ now: Int64) {
    while let node = lot.popDue(at: now) { wake(node, .deadline) }
  }

  /// Step 4. Returns false when nothing can ever become ready.
  ///
  /// `patient` is true as long as the real-time silence before a jump has not been kept in this turn.
  private mutating func waitForNews(patient: inout Bool) -> Bool {
    var deadline = lot.nextDeadline
    if let simulated = simulated?.nextTime { deadline = min(simulated, deadline ?? simulated) }
    if Self.usesSeams, case .virtual(let now) = clock {
      if outsideHolds > 0 { deadline = nil }
      let outside = outsideWaits + outsideHolds
      // Before the clock jumps past what is awaited from outside, and before giving up, there is a silence to keep.
      let jumpsPastOutside = outside > 0 && deadline != nil
      let givesUp = outside == 0 && deadline == nil
      if patient, jumpsPastOutside || givesUp, let external = poller.external {
        external.poll(.nanoseconds(silence), &self)
        patient = false
      } else if let deadline {
        clock = .virtual(now: max(now, deadline))
      } else if outside > 0, let external = poller.external {
        external.poll(.forever, &self)
      } else {
        return false
      }
      return true
    }
    guard let external = poller.external else { return waitWithoutPoller(until: deadline) }
    if let deadline {
      external.poll(.nanoseconds(deadline - clock.now), &self)
    } else {
      external.poll(.forever, &self)
    }
    return true
  }

  /// Without a poller there is nothing to sleep in: the clock is read until the deadline has come.
  private func waitWithoutPoller(until deadline: Int64?) -> Bool {
    guard let deadline else { return false }
    while clock.now < deadline {}
    return true
  }

  /// Step 5: puts the ready nodes into order and says how many of them belong to this turn.
  private mutating func orderTurn() -> Int {
    guard Self.usesSeams, case .seeded(var random) = order else { return budget }
    let count = shuffler.shuffle(&ready, with: &random)
    order = .seeded(random)
    return count
  }

  /// Cuts this turn, which was given its budget when nothing was awaited that it could keep waiting, to one more step. (A seeded
  /// turn has no budget: each ready node has its step.)
  @usableFromInline
  mutating func beginAwaiting() {
    #if UASYNCIO_BOARD
      if !Self.usesSeams { return }
    #endif
    guard case .monotonic = clock, case .fifo = order else { return }
    if abs(credit) > 1 {
      withheld = abs(credit) - 1
      credit = credit.signum()
    }
    budget = 1
    turnBegan = Self.unmeasured
  }

  /// Makes turns shorter when their steps are long, and longer again while they are short. Only a turn that used up its
  /// credit says anything about that; and while nothing is awaited that a turn could keep waiting, it may take as long
  /// as it likes, and the clock is not read.
  private mutating func adaptBudget() {
    guard case .monotonic = clock, lot.hasTimers || outsideWaits > 0 || gotMail else {
      budget = Self.fullBudget
      return
    }
    let now = clock.now
    let began = turnBegan
    turnBegan = now
    guard credit == 0, began != Self.unmeasured else { return }
    let took = now - began
    if took > Self.turnTarget {
      // 32 bits are enough, and small machines divide no more at once.
      budget = max(1, Int(UInt32(budget) * UInt32(Self.turnTarget) / UInt32(clamping: took)))
    } else if took < Self.turnTarget / 4 {
      budget = min(Self.fullBudget, budget * 4)
    }
  }
}
