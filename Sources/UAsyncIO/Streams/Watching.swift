import CUAsyncIO
import Platform
import Scheduler

/// Waits until a descriptor can be read without blocking: data, the end of it, or an error is there.
///
/// For libraries that bring their own descriptors. The descriptor stays the caller's: it is neither read nor closed.
/// Before closing one that may be awaited, call ``notifyClosing(_:)``: the system itself does not tell anybody.
///
/// - Throws: ``LoopError/cannotWatch(descriptor:errorNumber:reason:)`` where the system cannot tell (a descriptor that is
///   not open, a regular file), where another coroutine waits for the same, where the descriptor belongs to one of our
///   streams or sockets, and where it is closed meanwhile; `CancellationError` if the coroutine is cancelled meanwhile:
///   nothing has been read then.
///
/// Python: `core._io_queue.queue_read(s)`.
public nonisolated(nonsending) func waitReadable(_ descriptor: Int32) async throws {
  try await watch(descriptor, .readable)
}

/// Waits until a descriptor can be written without blocking; see ``waitReadable(_:)``.
///
/// Python: `core._io_queue.queue_write(s)`.
public nonisolated(nonsending) func waitWritable(_ descriptor: Int32) async throws {
  try await watch(descriptor, .writable)
}

/// Says that a descriptor is about to be closed: whoever waits for it gets an error, instead of waiting for ever. trio:
/// `lowlevel.notify_closing`.
@LoopActor
public func notifyClosing(_ descriptor: Int32) { LoopCore.shared.abandonWaits(for: descriptor) }

@LoopActor
private func watch(_ descriptor: Int32, _ interest: Interest) async throws {
  let loop = LoopCore.shared
  let node = loop.caller.node
  let reason = try await loop.wait { loop in
    let record = loop.running.unsafelyUnwrapped
    try loop.beginWait(.watching, in: nil, until: Clock.never)
    guard record.pointee.phase == .watching else { return }
    let isOurs = loop.state.pointee.epoll?.isAttached(descriptor) == true
    let error = isOurs ? busy : loop.state.pointee.scheduler.watch(descriptor, interest, record.node)
    guard error != 0 else { return }
    loop.state.pointee.scheduler.forget(record.node)
    record.pointee.phase = .running
    throw LoopError.cannotWatch(descriptor: descriptor, errorNumber: error, reason: systemText(error))
  }
  if reason == .cancelled { loop.state.pointee.scheduler.unwatch(descriptor, interest, node) }
  let wasClosed = loop.wasAbandoned(node)
  try loop.endWait()
  if wasClosed {
    throw LoopError.cannotWatch(
      descriptor: descriptor, errorNumber: badDescriptor, reason: "it was closed while it was awaited")
  }
}

/// EBUSY and EBADF.
private let (busy, badDescriptor): (Int32, Int32) = (16, 9)

func systemText(_ error: Int32) -> String { String(cString: uasyncio_error_text(error)) }

extension LoopCore {
  /// Wakes those who wait for a descriptor that is no longer what they have waited for.
  func abandonWaits(for descriptor: Int32) {
    guard let waits = state.pointee.epoll?.waits(for: descriptor) else { return }
    for (interest, node) in waits where state.pointee.scheduler.lot.isParked(node) {
      state.pointee.scheduler.unwatch(descriptor, interest, node)
      state.pointee.abandoned.append(node)
      state.pointee.scheduler.wake(node, .event)
    }
  }

  /// Whether a node was woken because its descriptor is gone; asking takes note of it.
  fileprivate func wasAbandoned(_ node: NodePointer) -> Bool {
    guard !state.pointee.abandoned.isEmpty else { return false }
    guard let index = state.pointee.abandoned.firstIndex(of: node) else { return false }
    state.pointee.abandoned.remove(at: index)
    return true
  }
}
