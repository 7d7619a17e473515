// Who is waiting: the timer queue, and beside it those who wait without a deadline.
//
// The timers are a heap with four children a node, in one array of 16-byte entries. Four children are half as many
// levels as two, and the four lie in one cache line: with a million timers that is most of the cost. An entry holds
// the deadline, so comparing touches the nodes only where deadlines are equal. The node knows its index, so that
// any timer can be removed exactly when its wait ends early: nothing stale is left in the heap, ever.
//
// Of equal deadlines the one parked first is first. `sequence` tells; it is 32 bits wide, starts afresh whenever the
// heap is empty, and when it runs out (four thousand million timers without the heap being empty once) all entries
// are renumbered in order.
//
// Waiters without a deadline are in an array in no order. It costs them 8 bytes and a few instructions, and gives
// what a loop without it cannot: a list of everybody who waits, for the deadlock report and for a clean end.
//
// Boards are built with another one, LinkedParkingLot.swift, which needs no arrays.
//
// Cost: parking and waking O(log4 n) with a deadline, O(1) without. It allocates only to grow; and not even then for those
// for whom room has been kept.

#if !UASYNCIO_LINKED
  /// Everybody who waits: those with a deadline as a heap, those without one as a list.
  public struct ParkingLot: ~Copyable {
    @usableFromInline
    struct Timer: BitwiseCopyable {
      @usableFromInline var deadline: Int64
      @usableFromInline var node: NodePointer

      @inlinable
      init(deadline: Int64, node: NodePointer) {
        self.deadline = deadline
        self.node = node
      }
    }

    #if UASYNCIO_TINY
      /// For how many nodes more there is room, and for how many in all.
      private var spare = 0
      private var room = 0
    #endif
    @usableFromInline var timers: Buffer<Timer>
    @usableFromInline var others: Buffer<NodePointer>
    @usableFromInline var nextSequence: UInt32 = 0
    /// The most timers that there were at once.
    @usableFromInline var mostTimers = 0

    /// The index of a node that is not parked.
    @inlinable
    public static var nowhere: UInt32 { .max }
    /// Set in the index of a node that is parked without a deadline.
    @inlinable
    static var untimed: UInt32 { 0x8000_0000 }

    init() {
      timers = Buffer()
      others = Buffer()
    }

    #if UASYNCIO_TINY
      /// Keeps room for one node more, so that it can be parked without anything being allocated for it. Returns false if
      /// there is none.
      @inline(__always)
      public mutating func keepRoom() -> Bool {
        spare &-= 1
        return spare >= 0
      }

      /// Makes the room that there was not, and some for others.
      @inline(never)
      public mutating func makeRoom() {
        let kept = room - spare
        timers.reserve(kept)
        others.reserve(kept)
        room = min(timers.capacity, others.capacity)
        spare = room - kept
      }

      /// Gives up the room that was kept for a node.
      @inline(__always)
      public mutating func giveUpRoom() { spare &+= 1 }
    #endif

    /// The number of nodes that wait with a deadline.
    public var timerCount: Int { timers.count }
    /// Whether anybody waits with a deadline.
    @inlinable
    public var hasTimers: Bool { timers.count > 0 }
    /// The number of nodes that wait without one.
    public var otherCount: Int { others.count }

    /// The most nodes that waited with a deadline at once.
    public var timersHighWaterMark: Int { mostTimers }

    /// Whether a node waits, with a deadline or without.
    @inlinable
    public func isParked(_ node: NodePointer) -> Bool { node.pointee.slot != Self.nowhere }

    /// Whether a node waits without a deadline.
    public func isParkedWithoutDeadline(_ node: NodePointer) -> Bool {
      let slot = node.pointee.slot
      return slot != Self.nowhere && slot & Self.untimed != 0
    }

    /// The earliest deadline.
    @inlinable
    var nextDeadline: Int64? { timers.count == 0 ? nil : timers[0].deadline }

    /// The deadline of a parked node, if it has one.
    public func deadline(of node: NodePointer) -> Int64? {
      let slot = node.pointee.slot
      return slot < Self.untimed ? timers[Int(slot)].deadline : nil
    }

    /// Calls `body` with each parked node, in no order.
    public borrowing func forEach(_ body: (NodePointer) -> Void) {
      for index in 0..<timers.count { body(timers[index].node) }
      for index in 0..<others.count { body(others[index]) }
    }

    /// Parks a node until `deadline`; without limit where that is `Clock.never`.
    @inlinable
    mutating func park(_ node: NodePointer, until deadline: Int64) {
      if deadline == Clock.never {
        node.pointee.slot = UInt32(truncatingIfNeeded: others.count) | Self.untimed
        others.append(node)
        return
      }
      if timers.count == 0 { nextSequence = 0 }
      if nextSequence == .max { renumber() }
      node.pointee.sequence = nextSequence
      nextSequence += 1
      let timer = Timer(deadline: deadline, node: node)
      timers.append(timer)
      if timers.count > mostTimers { mostTimers = timers.count }
      siftUp(timer, from: timers.count - 1)
    }

    /// Takes a node out, wherever it is; does nothing with one that is not parked.
    @inlinable
    mutating func remove(_ node: NodePointer) {
      let slot = node.pointee.slot
      guard slot != Self.nowhere else { return }
      node.pointee.slot = Self.nowhere
      if slot < Self.untimed {
        removeTimer(at: Int(slot))
      } else {
        let last = others.removeLast()
        guard last != node else { return }
        others[Int(slot & ~Self.untimed)] = last
        last.pointee.slot = slot
      }
    }

    /// Takes out the node with the earliest deadline if that is not after `now`.
    mutating func popDue(at now: Int64) -> NodePointer? {
      guard timers.count > 0, timers[0].deadline <= now else { return nil }
      let node = timers[0].node
      node.pointee.slot = Self.nowhere
      removeTimer(at: 0)
      return node
    }

    @inlinable
    static func isBefore(_ one: Timer, _ other: Timer) -> Bool {
      one.deadline != other.deadline
        ? one.deadline < other.deadline
        : one.node.pointee.sequence < other.node.pointee.sequence
    }

    @usableFromInline
    mutating func removeTimer(at index: Int) {
      let moved = timers.removeLast()
      guard index < timers.count else { return }
      if index > 0, Self.isBefore(moved, timers[(index - 1) / 4]) {
        siftUp(moved, from: index)
      } else {
        siftDown(moved, from: index)
      }
    }

    @usableFromInline
    mutating func siftUp(_ timer: Timer, from start: Int) {
      var index = start
      while index > 0 {
        let parent = (index - 1) / 4
        guard Self.isBefore(timer, timers[parent]) else { break }
        place(timers[parent], at: index)
        index = parent
      }
      place(timer, at: index)
    }

    private mutating func siftDown(_ timer: Timer, from start: Int) {
      var index = start
      while true {
        let firstChild = index * 4 + 1
        guard firstChild < timers.count else { break }
        var earliest = firstChild
        var candidate = firstChild + 1
        let end = min(firstChild + 4, timers.count)
        while candidate < end {
          if Self.isBefore(timers[candidate], timers[earliest]) { earliest = candidate }
          candidate += 1
        }
        guard Self.isBefore(timers[earliest], timer) else { break }
        place(timers[earliest], at: index)
        index = earliest
      }
      place(timer, at: index)
    }

    private mutating func place(_ timer: Timer, at index: Int) {
      timers[index] = timer
      timer.node.pointee.slot = UInt32(truncatingIfNeeded: index)
    }

    /// Numbers all timers anew, in order. Taking them out one by one gives the order; a sorted array is a heap.
    ///
    /// It is sorted where it is: room that is kept must stay, and a heap that is sealed has no more.
    @usableFromInline @inline(never)
    mutating func renumber() {
      let total = timers.count
      while timers.count > 0 {
        let earliest = timers[0]
        removeTimer(at: 0)
        // The place behind the last one has just become free.
        timers.append(earliest)
        timers.count -= 1
      }
      // They lie there with the latest in front.
      timers.count = total
      for index in 0..<total / 2 {
        let timer = timers[index]
        timers[index] = timers[total - 1 - index]
        timers[total - 1 - index] = timer
      }
      nextSequence = 0
      while Int(nextSequence) < total {
        let timer = timers[Int(nextSequence)]
        timer.node.pointee.sequence = nextSequence
        timer.node.pointee.slot = nextSequence
        nextSequence += 1
      }
    }
  }
#endif
