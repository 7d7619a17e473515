// Who is waiting, on small machines: the same parking lot as in ParkingLot.swift, linked through the nodes.
//
// Boards are built with it (UASYNCIO_LINKED). An array has its cache lines to recommend it, which a microcontroller has
// none of, and it has to grow: to 16 places at first, for five tasks, and with both arrays in memory whenever it does. Here a
// node brings its own place along, so nothing is ever allocated, and the code is a third as large.
//
// The timers are a skew heap: a tree in which no node is due before its parent. Two of them become one by going down their
// right sides and exchanging the children on the way, which keeps the sides short: parking and waking are O(log n), over any
// sequence of operations. (A single one can take longer, and pays for those before it that were cheaper.) Every node knows its
// parent, so any timer can be removed exactly.
//
// Of equal deadlines the one parked first is first. `sequence` tells; it starts afresh whenever the heap is empty. Should it
// run over, numbers are compared by their distance, so order is kept between any two that were parked within two thousand
// million of each other; no deadline is ever missed.
//
// Waiters without a deadline are in a list, the latest first, so that everybody who waits can be found.
//
// Cost: 28 bytes in each node on a 32-bit machine.

#if UASYNCIO_LINKED
  /// Everybody who waits: those with a deadline as a heap, those without one as a list.
  public struct ParkingLot: ~Copyable {
    /// The timer that is due first.
    @usableFromInline var root: NodePointer?
    /// The first of those without a deadline; `left` is the next one, `parent` the one before.
    @usableFromInline var others: NodePointer?
    @usableFromInline var nextSequence: UInt32 = 0

    /// Where a node is.
    public enum Place: UInt8 {
      case nowhere
      case amongTimers
      case amongOthers
    }

    init() {}

    /// Whether anybody waits with a deadline.
    @inlinable
    public var hasTimers: Bool { root != nil }

    /// Whether a node waits, with a deadline or without.
    public func isParked(_ node: NodePointer) -> Bool { node.pointee.place != .nowhere }

    /// The earliest deadline.
    var nextDeadline: Int64? { root?.pointee.deadline }

    /// Calls `body` with each parked node, in no order.
    public borrowing func forEach(_ body: (NodePointer) -> Void) {
      var cursor = others
      while let node = cursor {
        cursor = node.pointee.left
        body(node)
      }
      // Down to the left as far as it goes, and up again: nothing recurses, and nothing has to be remembered.
      cursor = root
      while let node = cursor {
        body(node)
        cursor = node.pointee.left ?? node.pointee.right ?? Self.nextAside(of: node)
      }
    }

    /// The next node of the tree that is not below this one.
    private static func nextAside(of start: NodePointer) -> NodePointer? {
      var node = start
      while let parent = node.pointee.parent {
        if parent.pointee.left == node, let right = parent.pointee.right { return right }
        node = parent
      }
      return nil
    }

    /// Parks a node until `deadline`; without limit where that is `Clock.never`.
    @usableFromInline @inline(never)
    mutating func park(_ node: NodePointer, until deadline: Int64) {
      node.pointee.left = nil
      node.pointee.parent = nil
      if deadline == Clock.never {
        node.pointee.place = .amongOthers
        node.pointee.left = others
        others?.pointee.parent = node
        others = node
        return
      }
      if root == nil { nextSequence = 0 }
      node.pointee.place = .amongTimers
      node.pointee.right = nil
      node.pointee.deadline = deadline
      node.pointee.sequence = nextSequence
      nextSequence &+= 1
      root = Self.merged(root, node)
    }

    /// Takes a node out, wherever it is; does nothing with one that is not parked.
    @inlinable @inline(__always)
    mutating func remove(_ node: NodePointer) {
      if node.pointee.place != .nowhere { takeOut(node) }
    }

    @usableFromInline @inline(never)
    mutating func takeOut(_ node: NodePointer) {
      let place = node.pointee.place
      node.pointee.place = .nowhere
      let parent = node.pointee.parent
      var follower = node.pointee.left
      if place == .amongTimers { follower = Self.merged(follower, node.pointee.right) }
      follower?.pointee.parent = parent
      if let parent {
        if parent.pointee.left == node { parent.pointee.left = follower } else { parent.pointee.right = follower }
      } else if place == .amongTimers {
        root = follower
      } else {
        others = follower
      }
    }

    /// Takes out the node with the earliest deadline if that is not after `now`.
    mutating func popDue(at now: Int64) -> NodePointer? {
      guard let root, root.pointee.deadline <= now else { return nil }
      remove(root)
      return root
    }

    private static func isBefore(_ one: NodePointer, _ other: NodePointer) -> Bool {
      let distance = one.pointee.deadline &- other.pointee.deadline
      if distance != 0 { return distance < 0 }
      return Int32(truncatingIfNeeded: one.pointee.sequence &- other.pointee.sequence) < 0
    }

    /// Makes one tree of two.
    @inline(never)
    private static func merged(_ one: NodePointer?, _ other: NodePointer?) -> NodePointer? {
      guard let one else { return other }
      guard let other else { return one }
      // The tree that is gone down, whose root comes before the other's.
      var upper = one
      var lower = other
      if isBefore(lower, upper) { swap(&upper, &lower) }
      let root = upper
      while true {
        let rest = upper.pointee.right
        upper.pointee.right = upper.pointee.left
        guard var next = rest else { break }
        if isBefore(lower, next) { swap(&lower, &next) }
        upper.pointee.left = next
        next.pointee.parent = upper
        upper = next
      }
      upper.pointee.left = lower
      lower.pointee.parent = upper
      return root
    }
  }
#endif
