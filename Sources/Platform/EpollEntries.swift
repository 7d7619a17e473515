import CPlatform
import Scheduler

/// What is known of one descriptor: who waits for it, and, where it is attached, what the kernel has reported.
@usableFromInline struct EpollEntry {
  @usableFromInline var reader: NodePointer?
  @usableFromInline var writer: NodePointer?
  /// Whether it is one of ours, of which the kernel reports each change.
  @usableFromInline var isAttached = false
  /// Of a foreign one: whether the kernel has it in its set, as far as we know; closing a descriptor takes it out.
  var registered = false
  /// Of an attached one: whether reading, and writing, may succeed.
  @usableFromInline var mayRead = false
  @usableFromInline var mayWrite = false
  /// The other side has ended, or there is an error: no further change will be reported.
  @usableFromInline var isOver = false
  /// Urgent data has come, at which the system ends a read early though more is there.
  @usableFromInline var hasUrgent = false

  var isAwaited: Bool { reader != nil || writer != nil }

  var events: UInt32 {
    (reader == nil ? 0 : platform_in) | (writer == nil ? 0 : platform_out)
  }

  mutating func note(_ happened: UInt32) {
    guard isAttached else { return }
    if happened & (platform_in | platform_trouble) != 0 { mayRead = true }
    if happened & (platform_out | platform_trouble) != 0 { mayWrite = true }
    if happened & (platform_half_closed | platform_trouble) != 0 { isOver = true }
    if happened & platform_urgent != 0 { hasUrgent = true }
  }
}

/// The entries, at an address that a look-up takes one load to find. (A class's own, so that it may be a `let`.)
@usableFromInline struct EpollTable {
  @usableFromInline struct Extent {
    @usableFromInline var entries: UnsafeMutablePointer<EpollEntry>
    @usableFromInline var count = 0
    var capacity: Int
  }

  @usableFromInline let extent: UnsafeMutablePointer<Extent>

  init() {
    extent = .allocate(capacity: 1)
    extent.initialize(to: Extent(entries: .allocate(capacity: 16), capacity: 16))
  }

  func free() {
    extent.pointee.entries.deallocate()
    extent.deallocate()
  }

  @inlinable var count: Int { extent.pointee.count }

  /// An entry that there is; the pointer is good until another one is made.
  @inlinable @inline(__always) subscript(index: Int) -> UnsafeMutablePointer<EpollEntry> {
    precondition(index >= 0 && index < extent.pointee.count, "a descriptor that nobody has attached")
    return extent.pointee.entries + index
  }

  /// Makes the entries up to that of `index`, if they are not there.
  func grow(to index: Int) {
    guard index >= count else { return }
    if index >= extent.pointee.capacity {
      let capacity = max(index + 1, 2 * extent.pointee.capacity)
      let entries = UnsafeMutablePointer<EpollEntry>.allocate(capacity: capacity)
      entries.moveInitialize(from: extent.pointee.entries, count: count)
      extent.pointee.entries.deallocate()
      extent.pointee.entries = entries
      extent.pointee.capacity = capacity
    }
    (extent.pointee.entries + count).initialize(repeating: EpollEntry(), count: index + 1 - count)
    extent.pointee.count = index + 1
  }
}

// MARK: - Our own descriptors

extension Epoll {
  /// Has the kernel report the changes of a descriptor until it is detached. It must be non-blocking.
  ///
  /// Returns 0 or the system's error number: EBADF for a descriptor that is not open, EPERM for one of a kind that is always
  /// ready (a regular file), EEXIST where it is attached already, or a foreign wait for it is going on.
  public func attach(_ descriptor: Int32) -> Int32 {
    guard descriptor >= 0 else { return EBADF }
    let events = platform_in | platform_out | platform_urgent | platform_edge
    let error = platform_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events)
    guard error == 0 else { return error }
    table.grow(to: Int(descriptor))
    // Nothing is known yet, so everything is worth a try. Whoever had the number before has closed it.
    table[Int(descriptor)].pointee = EpollEntry(isAttached: true, mayRead: true, mayWrite: true)
    return 0
  }

  /// Ends what `attach` has begun, before the descriptor is closed or given away. Nobody may wait for it.
  public func detach(_ descriptor: Int32) {
    guard Int(descriptor) < table.count, table[Int(descriptor)].pointee.isAttached else { return }
    table[Int(descriptor)].pointee = EpollEntry()
    _ = platform_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
  }

  /// Whether a read, or a write, of an attached descriptor is worth a try.
  @inlinable @inline(__always)
  public func mayBeReady(_ descriptor: Int32, _ interest: Interest) -> Bool {
    interest == .readable ? table[Int(descriptor)].pointee.mayRead : table[Int(descriptor)].pointee.mayWrite
  }

  /// Says that the system has answered EAGAIN: the next change will be reported.
  @inlinable @inline(__always)
  public func exhausted(_ descriptor: Int32, _ interest: Interest) {
    switch interest {
    case .readable: table[Int(descriptor)].pointee.mayRead = false
    case .writable: table[Int(descriptor)].pointee.mayWrite = false
    }
  }

  /// Says that a read returned less than it might have: of a TCP connection that is all there was, unless it has come to
  /// its end, or to a place that is marked as urgent, where the system always stops.
  @inlinable @inline(__always)
  public func readShort(_ descriptor: Int32) {
    if table[Int(descriptor)].pointee.isOver || table[Int(descriptor)].pointee.hasUrgent { return }
    table[Int(descriptor)].pointee.mayRead = false
  }

  /// Whether a descriptor is attached, as far as we know.
  public func isAttached(_ descriptor: Int32) -> Bool {
    descriptor >= 0 && Int(descriptor) < table.count && table[Int(descriptor)].pointee.isAttached
  }

  /// Who waits for a descriptor, and for what.
  public func waits(for descriptor: Int32) -> [(Interest, NodePointer)] {
    guard descriptor >= 0, Int(descriptor) < table.count else { return [] }
    let entry = table[Int(descriptor)].pointee
    var waits: [(Interest, NodePointer)] = []
    if let reader = entry.reader { waits.append((.readable, reader)) }
    if let writer = entry.writer { waits.append((.writable, writer)) }
    return waits
  }

  // MARK: - Waits

  /// Files `node` for the next change of an attached descriptor, which must have been found exhausted. Returns 0, or EBUSY
  /// where another node waits for the same.
  @inlinable @inline(__always)
  public func watchAttached(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) -> Int32 {
    let entry = table[Int(descriptor)]
    switch interest {
    case .readable:
      guard entry.pointee.reader == nil else { return EBUSY }
      entry.pointee.reader = node
    case .writable:
      guard entry.pointee.writer == nil else { return EBUSY }
      entry.pointee.writer = node
    }
    return 0
  }

  /// Files `node` for one answer. Returns 0 or the system's error number: EBADF for a descriptor that is not open, EPERM for
  /// one of a kind that is always ready (a regular file), EBUSY where another node waits for the same.
  public func watch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) -> Int32 {
    guard descriptor >= 0 else { return EBADF }
    table.grow(to: Int(descriptor))
    let index = Int(descriptor)
    switch interest {
    case .readable:
      guard table[index].pointee.reader == nil else { return EBUSY }
      table[index].pointee.reader = node
    case .writable:
      guard table[index].pointee.writer == nil else { return EBUSY }
      table[index].pointee.writer = node
    }
    if table[index].pointee.isAttached { return 0 }
    let error = arm(index)
    if error != 0 { clear(index, interest) }
    return error
  }

  /// Takes back a `watch` that has not been answered.
  public func unwatch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) {
    let index = Int(descriptor)
    guard index < table.count else { return }
    clear(index, interest)
    // A descriptor that is gone needs no disarming.
    if !table[index].pointee.isAttached { _ = arm(index) }
  }

  private func clear(_ index: Int, _ interest: Interest) {
    switch interest {
    case .readable: table[index].pointee.reader = nil
    case .writable: table[index].pointee.writer = nil
    }
  }

  /// Tells the kernel what is awaited at a foreign descriptor; takes it out of the set where nothing is, for errors and
  /// hang-ups are reported whether anybody waits or not.
  func arm(_ index: Int) -> Int32 {
    let descriptor = Int32(index)
    if !table[index].pointee.isAwaited {
      table[index].pointee.registered = false
      return platform_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
    }
    let events = table[index].pointee.events | platform_one_shot
    if table[index].pointee.registered {
      let error = platform_epoll_control(epoll, EPOLL_CTL_MOD, descriptor, events)
      // The descriptor was closed, and its number may have been given out again.
      if error != ENOENT { return error }
      table[index].pointee.registered = false
    }
    let error = platform_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events)
    if error == 0 { table[index].pointee.registered = true }
    return error
  }
}
