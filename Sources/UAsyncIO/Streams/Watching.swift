import CUAsyncIO
import Scheduler

/// Waits until a descriptor can be read without blocking: data, the end of it, or an error is there.
///
/// For libraries that bring their own descriptors. The descriptor stays the caller's: it is neither read nor closed.
/// Do not close it while it is awaited.
///
/// - Throws: ``LoopError/cannotWatch(descriptor:errorNumber:reason:)`` where the system cannot tell (a descriptor that is
///   not open, a regular file), and where another coroutine waits for the same; `CancellationError` if the coroutine
///   is cancelled meanwhile: nothing has been read then.
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

@LoopActor
private func watch(_ descriptor: Int32, _ interest: Interest) async throws {
  let loop = LoopCore.shared
  let node = loop.running.unsafelyUnwrapped.node
  let reason = try await loop.wait { loop in
    let record = loop.running.unsafelyUnwrapped
    try loop.beginWait(.watching, in: nil, until: Clock.never)
    guard record.pointee.phase == .watching else { return }
    let error = loop.state.pointee.scheduler.watch(descriptor, interest, record.node)
    guard error != 0 else { return }
    loop.state.pointee.scheduler.forget(record.node)
    record.pointee.phase = .running
    throw LoopError.cannotWatch(
      descriptor: descriptor, errorNumber: error, reason: String(cString: uasyncio_error_text(error)))
  }
  if reason == .cancelled { loop.state.pointee.scheduler.unwatch(descriptor, interest, node) }
  try loop.endWait()
}
