// What a stream is a face of: something that bytes can be read from and written to, and that says "not now".
//
// A transport knows nothing of buffers, lines or limits. It makes one attempt, and it lets one task wait until another
// attempt is worth it. There are three: `SystemTransport` makes system calls and waits in the poller; the simulated one of
// the testing product has both ends in memory, time from the loop's clock, and faults from a seed; `LayeredTransport` has
// another one carry what becomes of the bytes, in TLS for one. Everything above is the same code for all, so what holds under
// simulated faults holds for the system's.
//
// Rules
// -----
// * `read` and `write` return what the system calls would: the number of bytes, or minus the error number. `-EAGAIN` says
//   that waiting is worth it; `-EINTR` that it was nothing.
// * Bytes that were offered and not taken are offered again before any others: a transport may have begun with them.
// * A wait that was begun for one interest is ended by: `answer` (the attempt is worth it), a deadline, a cancellation, or
//   `release`, after which attempts return `-EBADF`. Each of them ends it once.
// * It is touched on the loop's thread only, but for `deinit`.

import CPlatform
import Scheduler

/// Something that bytes flow through.
package class Transport: @unchecked Sendable {
  // No access lasts longer than an instant: see ByteStream.swift.
  @exclusivity(unchecked) private var reader: NodePointer?
  @exclusivity(unchecked) private var writer: NodePointer?
  @exclusivity(unchecked) package private(set) final var isReleased = false
  /// Whether the transport itself has something to say: `settle` says it.
  @exclusivity(unchecked) final var isOwing = false

  package init() {}

  // MARK: - What a transport must know

  /// Reads what is there: a number of bytes, 0 at the end, or minus the error number.
  package func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { -Int(EBADF) }

  /// Writes what there is room for: a number of bytes, or minus the error number.
  package func write(_ bytes: UnsafeRawBufferPointer) -> Int { -Int(EBADF) }

  /// Tells the other side that nothing more will be written. Returns 0 or an error number; after EAGAIN it is to be called
  /// again when writing is worth an attempt, after 0 it may be.
  package func shutDownWriting() -> Int32 { 0 }

  /// Tells the other side what it must hear before the transport is released; returns as `shutDownWriting` does.
  package func takeLeave() -> Int32 { 0 }

  /// Whether writing can end while reading goes on.
  package var canHalfClose: Bool { true }

  /// Has the other side get an error instead of an end when the transport is released.
  package func resetOnRelease() {}

  /// Gives back what the system has lent.
  package func free() {}

  /// Begins to listen for a change. Returns 0 or an error number.
  package func arm(_ interest: Interest, _ node: NodePointer) -> Int32 { 0 }

  /// Ends what `arm` began and nothing has answered.
  package func disarm(_ interest: Interest, _ node: NodePointer) {}

  /// Sends what the transport itself has to say, and has not come to say when it was read; returns as `shutDownWriting`
  /// does.
  package func settle() -> Int32 { 0 }

  /// What the bytes are carried by in the end, and what is waited for: this one, unless it is a layer upon another.
  package var carrier: Transport { self }

  /// The error that an attempt's error number stands for.
  package func error(_ operation: String, _ number: Int32) -> any Error { IOError(operation, peerAddress, number) }

  package var localAddress: SocketAddress? { nil }
  package var peerAddress: SocketAddress? { nil }

  // MARK: - Waiting

  /// Waits until another attempt is worth it; on the loop's thread only, in a task or a guest of the loop's.
  ///
  /// - Returns: false if the deadline came first.
  /// - Throws: `CancellationError`; `IOError` where the system cannot tell.
  @inline(__always)
  package final nonisolated(nonsending) func wait(for interest: Interest, until deadline: Int64 = .max) async throws
    -> Bool
  {
    let loop = LoopCore.shared
    if loop.caller.pointee.flags.contains(.guest) {
      try await waitAsGuest(interest, deadline)
    } else {
      try begin(interest, deadline, loop)
      await park()
    }
    return try end(interest, loop)
  }

  /// The deadline that is so far from now.
  package static func deadline(after limit: Duration) -> Int64 { TimeLimit.deadline(in: TimeLimit.nanoseconds(limit)) }

  /// Waits until another attempt to write, or to end writing, is worth it; see `wait`.
  @LoopActor
  package func waitToWrite(until deadline: Int64) async throws -> Bool {
    try await carrier.wait(for: .writable, until: deadline)
  }

  @LoopActor
  private func waitAsGuest(_ interest: Interest, _ deadline: Int64) async throws {
    _ = try await LoopCore.shared.wait { try self.begin(interest, deadline, $0) }
  }

  /// Files the running task, which must be a task of ours, and suspends right after it: `begin`, `park`, `end`.
  final func begin(_ interest: Interest, _ deadline: Int64, _ loop: LoopCore) throws {
    let record = loop.running.unsafelyUnwrapped
    try loop.beginWait(.watching, in: nil, until: deadline)
    guard record.pointee.phase == .watching else { return }
    let error = file(record.node, interest)
    guard error != 0 else { return }
    loop.state.pointee.scheduler.forget(record.node)
    record.pointee.phase = .running
    throw IOError("wait", peerAddress, error)
  }

  /// Takes back what is left of a wait that is over. Returns false if its deadline came first.
  final func end(_ interest: Interest, _ loop: LoopCore) throws -> Bool {
    let node = loop.running.unsafelyUnwrapped.node
    let reason = node.pointee.reason
    if self[interest] == node {
      self[interest] = nil
      if reason != .event { disarm(interest, node) }
    }
    try loop.endWait()
    return reason != .deadline
  }

  private func file(_ node: NodePointer, _ interest: Interest) -> Int32 {
    guard self[interest] == nil else { return EBUSY }
    if isReleased { return EBADF }
    let error = arm(interest, node)
    if error == 0 { self[interest] = node }
    return error
  }

  /// Lets the one go on who waits for `interest`, if anybody does: for transports that are their own poller.
  package final func answer(_ interest: Interest) {
    guard let node = self[interest], LoopCore.shared.state.pointee.scheduler.lot.isParked(node) else { return }
    LoopCore.shared.state.pointee.scheduler.wake(node, .event)
  }

  /// Ends a wait as if another attempt were worth it.
  package final func interrupt(_ interest: Interest) {
    guard let node = self[interest], LoopCore.shared.state.pointee.scheduler.lot.isParked(node) else { return }
    disarm(interest, node)
    LoopCore.shared.state.pointee.scheduler.wake(node, .event)
  }

  /// Ends all waits and gives back what the system has lent. What is waited for then finds out by its next attempt.
  package final func release() {
    if isReleased { return }
    isReleased = true
    interrupt(.readable)
    interrupt(.writable)
    free()
  }

  private subscript(interest: Interest) -> NodePointer? {
    get { interest == .readable ? reader : writer }
    set { if interest == .readable { reader = newValue } else { writer = newValue } }
  }
}
