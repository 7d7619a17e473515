import CPlatform
import Scheduler

/// What is known of one descriptor: who waits for it, and, where it is attached, what the kernel has reported.
struct EpollEntry {
  var reader: NodePointer?
  var writer: NodePointer?
  /// Whether it is one of ours, of which the kernel reports each change.
  var isAttached = false
  /// Of a foreign one: whether the kernel has it in its set, as far as we know; closing a descriptor takes it out.
  var registered = false
  /// Of an attached one: whether reading, and writing, may succeed.
  var mayRead = false
  var mayWrite = false
  /// The other side has ended, or there is an error: no further change will be reported.
  var isOver = false
  /// Urgent data has come, at which the system ends a read early though more is there.
  var hasUrgent = false

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
    makeEntry(descriptor)
    // Nothing is known yet, so everything is worth a try. Whoever had the number before has closed it.
    entries[Int(descriptor)] = EpollEntry(isAttached: true, mayRead: true, mayWrite: true)
    return 0
  }

  /// Ends what `attach` has begun, before the descriptor is closed or given away. Nobody may wait for it.
  public func detach(_ descriptor: Int32) {
    guard Int(descriptor) < entries.count, entries[Int(descriptor)].isAttached else { return }
    entries[Int(descriptor)] = EpollEntry()
    _ = platform_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
  }

  /// Whether a read, or a write, of an attached descriptor is worth a try.
  public func mayBeReady(_ descriptor: Int32, _ interest: Interest) -> Bool {
    interest == .readable ? entries[Int(descriptor)].mayRead : entries[Int(descriptor)].mayWrite
  }

  /// Says that the system has answered EAGAIN: the next change will be reported.
  public func exhausted(_ descriptor: Int32, _ interest: Interest) {
    switch interest {
    case .readable: entries[Int(descriptor)].mayRead = false
    case .writable: entries[Int(descriptor)].mayWrite = false
    }
  }

  /// Says that a read returned less than it might have: of a TCP connection that is all there was, unless it has come to
  /// its end, or to a place that is marked as urgent, where the system always stops.
  public func readShort(_ descriptor: Int32) {
    if entries[Int(descriptor)].isOver || entries[Int(descriptor)].hasUrgent { return }
    entries[Int(descriptor)].mayRead = false
  }

  /// Whether a descriptor is attached, as far as we know.
  public func isAttached(_ descriptor: Int32) -> Bool {
    descriptor >= 0 && Int(descriptor) < entries.count && entries[Int(descriptor)].isAttached
  }

  /// Who waits for a descriptor, and for what.
  public func waits(for descriptor: Int32) -> [(Interest, NodePointer)] {
    guard descriptor >= 0, Int(descriptor) < entries.count else { return [] }
    let entry = entries[Int(descriptor)]
    var waits: [(Interest, NodePointer)] = []
    if let reader = entry.reader { waits.append((.readable, reader)) }
    if let writer = entry.writer { waits.append((.writable, writer)) }
    return waits
  }

  private func makeEntry(_ descriptor: Int32) {
    while entries.count <= Int(descriptor) { entries.append(EpollEntry()) }
  }

  // MARK: - Waits

  /// Files `node` for one answer. Returns 0 or the system's error number: EBADF for a descriptor that is not open, EPERM for
  /// one of a kind that is always ready (a regular file), EBUSY where another node waits for the same.
  public func watch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) -> Int32 {
    guard descriptor >= 0 else { return EBADF }
    makeEntry(descriptor)
    let index = Int(descriptor)
    switch interest {
    case .readable:
      guard entries[index].reader == nil else { return EBUSY }
      entries[index].reader = node
    case .writable:
      guard entries[index].writer == nil else { return EBUSY }
      entries[index].writer = node
    }
    if entries[index].isAttached { return 0 }
    let error = arm(index)
    if error != 0 { clear(index, interest) }
    return error
  }

  /// Takes back a `watch` that has not been answered.
  public func unwatch(_ descriptor: Int32, _ interest: Interest, _ node: NodePointer) {
    let index = Int(descriptor)
    guard index < entries.count else { return }
    clear(index, interest)
    // A descriptor that is gone needs no disarming.
    if !entries[index].isAttached { _ = arm(index) }
  }

  private func clear(_ index: Int, _ interest: Interest) {
    switch interest {
    case .readable: entries[index].reader = nil
    case .writable: entries[index].writer = nil
    }
  }

  /// Tells the kernel what is awaited at a foreign descriptor; takes it out of the set where nothing is, for errors and
  /// hang-ups are reported whether anybody waits or not.
  func arm(_ index: Int) -> Int32 {
    let descriptor = Int32(index)
    if !entries[index].isAwaited {
      entries[index].registered = false
      return platform_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
    }
    let events = entries[index].events | platform_one_shot
    if entries[index].registered {
      let error = platform_epoll_control(epoll, EPOLL_CTL_MOD, descriptor, events)
      // The descriptor was closed, and its number may have been given out again.
      if error != ENOENT { return error }
      entries[index].registered = false
    }
    let error = platform_epoll_control(epoll, EPOLL_CTL_ADD, descriptor, events)
    if error == 0 { entries[index].registered = true }
    return error
  }
}
