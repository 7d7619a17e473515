// What the scheduler runs.
//
// The lower floor knows nothing of coroutines. It runs *nodes*: one word, a pointer to the few fields below, which
// each face embeds in its own task record: a Swift job's record, a Python task, a firmware task. The floor moves nodes
// between three places and never looks at what surrounds them:
//
//     ready queue    waiting for its step           linked through `next`
//     wait list      waiting for somebody's wake    linked through `next` and `previous`, `list` says which one
//     parking lot    waiting for a time, or for     `slot` or `place` says where
//                    nobody knows how long
//
// A node can be in a wait list and in the parking lot at once: that is a wait with a time limit. Waking it takes it
// out of both and puts it into the ready queue, whichever came first; that is the one way of waiting that all
// primitives of all faces share, and why none of them can forget a waiter or wake one twice.
//
// Why one word and not a generic scheduler: measured across modules, a generic one costs 9,656 instructions a step
// unless every line of it is `@inlinable`; a pointer costs less than either and needs no specialisation.
//
// Cost: 39 bytes, no allocation (40 in tiny programs; on boards, where the parking lot has no arrays of its own, 48). A node
// must stay at its address for as long as the scheduler holds it.

/// A pointer to a node, the only thing that the scheduler runs.
public typealias NodePointer = UnsafeMutablePointer<Node>

/// One schedulable thing: its links, its place among the timers, and why it was last woken.
public struct Node {
  /// The next node in the ready queue or in a wait list.
  @usableFromInline var next: NodePointer?
  /// The node before this one in a wait list; for the first one, the last.
  @usableFromInline var previous: NodePointer?
  /// The wait list that the node is in.
  public var list: UnsafeMutablePointer<WaitList>?
  #if !UASYNCIO_TINY
    /// The node's index in the parking lot, or `ParkingLot.nowhere`.
    @usableFromInline var slot: UInt32
    /// When the node was parked, relative to others: of equal deadlines the lower number is first.
    @usableFromInline var sequence: UInt32
  #endif
  /// A number by which people can tell nodes apart. The face chooses it.
  public var id: UInt32
  /// Where the node is in its life. The face chooses the values.
  public var phase: UInt8
  /// Why the node was last woken.
  public var reason: WakeReason
  /// Bits of the face.
  public var flags: UInt8
  #if UASYNCIO_TINY && !UASYNCIO_LINKED
    /// Makes four bytes of the three before it, which are written at once.
    private var nothing: UInt8 = 0
  #endif
  // Here, and not above, because of `bytesInLists`. (Above, the record that embeds the node can use its last byte.)
  #if UASYNCIO_TINY && !UASYNCIO_LINKED
    @usableFromInline var slot: UInt32
    @usableFromInline var sequence: UInt32
  #elseif UASYNCIO_LINKED
    /// Where the node is parked.
    @usableFromInline var place: ParkingLot.Place
    // The parking lot's: see LinkedParkingLot.swift.
    @usableFromInline var sequence: UInt32
    @usableFromInline var parent: NodePointer?
    @usableFromInline var left: NodePointer?
    @usableFromInline var right: NodePointer?
    @usableFromInline var deadline: Int64
  #endif

  @inlinable
  public init(id: UInt32, phase: UInt8, flags: UInt8) {
    next = nil
    previous = nil
    list = nil
    self.id = id
    self.phase = phase
    reason = .started
    self.flags = flags
    #if UASYNCIO_LINKED
      deadline = 0
      parent = nil
      left = nil
      right = nil
      place = .nowhere
    #else
      slot = ParkingLot.nowhere
    #endif
    sequence = 0
  }

  #if UASYNCIO_TINY
    /// How many bytes there have to be of a node that is in wait lists only, and is never run or parked.
    @inlinable
    public static var bytesInLists: Int { 3 * MemoryLayout<NodePointer>.size + 2 * MemoryLayout<UInt32>.size }

    /// Makes such a node.
    public static func initialize(inListsOnly node: NodePointer, flags: UInt8) {
      node.pointee.next = nil
      node.pointee.previous = nil
      node.pointee.list = nil
      node.pointee.flags = flags
    }
  #endif

  /// Whether the node waits, with a deadline or without.
  var isParked: Bool {
    #if UASYNCIO_LINKED
      place != .nowhere
    #else
      slot != ParkingLot.nowhere
    #endif
  }
}

extension Node {
  /// A word for the face while the node is in no wait list: it shares its place with the link to the node before.
  @inlinable
  public var baggage: UnsafeMutableRawPointer? {
    get { UnsafeMutableRawPointer(previous) }
    set { previous = newValue?.assumingMemoryBound(to: Node.self) }
  }
}

extension UnsafeMutablePointer where Pointee == Node {
  /// The next one in the ready queue or the wait list that the node is in.
  @inlinable
  public var following: NodePointer? { pointee.next }

  /// Where the face's word is.
  @inlinable
  public var baggagePlace: UnsafeMutableRawPointer {
    withUnsafeMutablePointer(to: &pointee.previous) { UnsafeMutableRawPointer($0) }
  }
}

/// Why a node was woken.
public enum WakeReason: UInt8, Sendable {
  /// It has not waited yet, or it only let others run.
  case started
  /// Its deadline has passed.
  case deadline
  /// What it waited for has happened.
  case event
  /// Somebody asked it to give up.
  case cancelled
}
