import CPlatform

extension ByteStream {
  /// Tells the other side that nothing more will be written, when all that was written has been sent. Reading goes on.
  /// Does nothing the second time. Python: `write_eof()`.
  ///
  /// A stream for writing only is closed by it.
  ///
  /// - Throws: ``StreamError/closed(operation:)``; ``StreamError/wrongDirection(operation:)`` of a stream that can only be
  ///   read; ``IOError`` with `EOPNOTSUPP` of one that has no half-close (a terminal).
  public func closeWrite() throws {
    switch direction {
    case .reading: throw StreamError.wrongDirection(operation: "closeWrite")
    case .writing: return close()
    case .both: break
    }
    if isClosing { throw StreamError.closed(operation: "closeWrite") }
    if isWritingOver { return }
    guard transport.canHalfClose else { throw IOError("closeWrite", peerAddress, EOPNOTSUPP) }
    isWritingOver = true
    if output.isEmpty { finishWriting() } else { startSending() }
    room.wakeAll()
  }

  /// Closes the stream: it can be neither read nor written from now on. Python: `close()`.
  ///
  /// Who waits to read or write gets ``StreamError/closed(operation:)``. What was written is still sent, while the loop runs;
  /// ``waitClosed()`` waits for that. A peer that takes nothing for 30 seconds loses it.
  public func close() {
    if isClosing { return }
    isClosing = true
    isWritingOver = true
    input = InputQueue()
    if output.isEmpty { finishWriting() } else { startSending() }
    if isClosed { return }
    // Its sender may wait without limit.
    transport.carrier.interrupt(.writable)
    transport.carrier.interrupt(.readable)
    room.wakeAll()
  }

  /// Closes the stream at once. What has not been sent is dropped, and over TCP the other side gets an error instead of
  /// an end. Python: `transport.abort()`.
  public func abort() {
    if isClosed { return }
    isClosing = true
    isWritingOver = true
    input = InputQueue()
    output.removeAll()
    transport.resetOnRelease()
    finishClosing()
  }

  /// Waits until the stream is closed, and all that was written has been sent or given up. Python: `wait_closed()`.
  ///
  /// It does not close the stream.
  ///
  /// - Throws: ``IOError`` where something that was written could not be sent; `CancellationError` if the coroutine is
  ///   cancelled meanwhile: the stream is closed all the same.
  public func waitClosed() async throws {
    while !isClosed { try await closers.wait(.watching, unless: { isClosed }) }
    if let writeError { throw writeError }
  }

  /// What there is to do when nothing is left to be sent.
  nonisolated func finishWriting() {
    guard isWritingOver, !isClosed else { return }
    if writeError == nil, !takeLeave() { startSending() } else if isClosing { finishClosing() }
  }

  /// Makes one attempt to tell the other side that nothing more comes. Returns false where another will be worth it.
  nonisolated func takeLeave() -> Bool {
    // Where this fails the connection is broken, and reading will say so.
    isLeaveDue = (isClosing ? transport.takeLeave() : transport.shutDownWriting()) == EAGAIN
    return !isLeaveDue
  }

  private nonisolated func finishClosing() {
    isClosed = true
    isLeaveDue = false
    transport.release()
    room.wakeAll()
    drainers.wakeAll()
    closers.wakeAll()
  }

  // MARK: - Handing over

  /// Gives the transport to another stream, after all that was written has been sent, and with it what was received and
  /// not read. This stream is closed then, and the connection is not.
  ///
  /// - Throws: ``StreamError`` where somebody reads or waits to write, or the stream is closed, or for one direction only;
  ///   what ``drain()`` throws. The stream is as it was then.
  package func handOver(for operation: String) async throws -> (Transport, [UInt8]) {
    if direction != .both { throw StreamError.wrongDirection(operation: operation) }
    while true {
      if isClosing { throw StreamError.closed(operation: operation) }
      if isWritingOver { throw StreamError.writingIsOver }
      if isReading { throw StreamError.inUse(operation: operation) }
      if output.isEmpty, room.isEmpty, !isRoomPromised { break }
      try await drain()
      try await sleep(0)
    }
    isClosing = true
    isWritingOver = true
    isClosed = true
    closers.wakeAll()
    return (transport, input.take(input.count))
  }
}
