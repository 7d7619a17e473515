import CPlatform
import Scheduler

extension ByteStream {
  /// Writes bytes: all of them, or none.
  ///
  /// It returns when the stream has taken the bytes, which it then sends, once and in order, while others run; see
  /// ``drain()``. It waits as long as more than ``StreamLimits/highWaterMark`` bytes are unsent, so that a peer who does not
  /// read stops those who write. Several coroutines may write; their bytes are not mixed.
  ///
  /// - Throws: ``IOError`` where the connection is broken, which may be the fault of an earlier write; ``StreamError``;
  ///   `CancellationError` if the coroutine is cancelled while it waits: none of the bytes are sent then.
  ///
  /// Python: `write(data)` and `drain()`.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws {
    guard let sent = try bytes.withUnsafeBytes({ try sendIfInTurn($0) }) else { return try await writeInTurn(bytes) }
    if sent < bytes.count { keep(bytes, from: sent) }
  }

  /// Writes a text as UTF-8; see ``write(_:)-([UInt8])``.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func write(_ text: String) async throws {
    var text = text
    let sent = try text.withUTF8 { try sendIfInTurn(UnsafeRawBufferPointer($0)) }
    guard let sent else { return try await writeInTurn(Array(text.utf8)) }
    if sent < text.utf8.count { keep(Array(text.utf8), from: sent) }
  }

  /// Writes a part of an array; see ``write(_:)-([UInt8])``.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func write(_ bytes: ArraySlice<UInt8>) async throws {
    let sent = try bytes.withUnsafeBytes { try sendIfInTurn($0) }
    guard let sent else { return try await writeInTurn(Array(bytes)) }
    if sent < bytes.count { keep(Array(bytes.dropFirst(sent)), from: 0) }
  }

  /// Writes what is in the caller's memory; see ``write(_:)-([UInt8])``.
  ///
  /// - Parameter bytes: the memory; it must stay valid until the call returns. What the system has no room for is copied.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func write(_ bytes: UnsafeRawBufferPointer) async throws {
    guard let sent = try sendIfInTurn(bytes) else { return try await writeInTurn(Array(bytes)) }
    if sent < bytes.count { keep(Array(bytes[sent...]), from: 0) }
  }

  /// Waits until everything that was written has been handed to the system. Nobody can know whether the peer has it.
  ///
  /// - Throws: ``IOError`` where the connection is broken; ``StreamError``; `CancellationError` if the coroutine is cancelled
  ///   meanwhile: what was written is sent all the same.
  ///
  /// Python: `drain()`.
  public func drain() async throws {
    if let writeError { throw writeError }
    while !output.isEmpty {
      startSending()
      try await drainers.wait(.watching, unless: { output.isEmpty || writeError != nil })
      if let writeError { throw writeError }
    }
  }

  // MARK: - Taking

  /// Sends bytes whose turn it is, as it nearly always is, so that no coroutine has to be called for it. Returns how many
  /// the system has taken, and the caller is to `keep` the others; nil where none are taken, because there is somebody to
  /// wait for, or the caller is not where it ought to be.
  @usableFromInline
  nonisolated func sendIfInTurn(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
    guard LoopCore.inTask != nil else { return nil }
    try checkWriting()
    countOperation()
    return mustWait ? nil : try sendAtOnce(bytes)
  }

  /// Takes the bytes that the system has not taken.
  @usableFromInline
  nonisolated func keep(_ bytes: [UInt8], from start: Int) {
    output.append(bytes, from: start)
    startSending()
  }

  /// Waits for those that come before.
  @usableFromInline
  func writeInTurn(_ bytes: [UInt8]) async throws {
    try checkWriting()
    if mustWait { try await waitForRoom() }
    let sent = try bytes.withUnsafeBytes(sendAtOnce)
    if sent < bytes.count { keep(bytes, from: sent) }
    promiseRoom()
  }

  /// Whether the bytes of a write may not be taken yet.
  private nonisolated var mustWait: Bool { hasRunForLong || !isRoomFree }

  /// Lets others run, and waits until the bytes of a write may be taken.
  private func waitForRoom() async throws {
    willSuspend()
    if isRoomFree {
      // Only to let others run. Who wants to write meanwhile comes after it, as if it waited.
      isRoomPromised = true
      do {
        try await sleep(0)
      } catch {
        isRoomPromised = false
        promiseRoom()
        throw error
      }
      isRoomPromised = false
    } else {
      startSending()
      let reason = try await LoopCore.shared.wait(.room, in: room.list, unless: { isRoomFree || isOver })
      guard let reason else { return try checkWriting() }
      if reason == .event { isRoomPromised = false }
      do {
        try LoopCore.shared.endWait()
      } catch {
        // Room that was promised to it is the next one's.
        promiseRoom()
        throw error
      }
    }
    try checkWriting()
  }

  private nonisolated var isRoomFree: Bool { !isFull && !isRoomPromised && room.isEmpty }

  /// Whether nothing can be written any more.
  private nonisolated var isOver: Bool { isClosing || isWritingOver || writeError != nil }

  private nonisolated var isFull: Bool { output.count > limits.highWaterMark }

  private nonisolated func checkWriting() throws {
    if direction == .reading { throw StreamError.wrongDirection(operation: "write") }
    if isClosing { throw StreamError.closed(operation: "write") }
    if let writeError { throw writeError }
    if isWritingOver { throw StreamError.writingIsOver }
  }

  /// Lets the first of those who wait for room go on, if there is room.
  private nonisolated func promiseRoom() {
    if !isFull, !isRoomPromised { isRoomPromised = room.wakeFirst() }
  }

  /// Hands to the system what it takes, unless there are bytes that come before. Returns how much that was.
  private nonisolated func sendAtOnce(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    guard output.isEmpty else { return 0 }
    var sent = 0
    while sent < bytes.count {
      guard let more = try attempt(UnsafeRawBufferPointer(rebasing: bytes[sent...])) else { break }
      sent += more
    }
    if transport.isOwing { startSending() }
    return sent
  }

  /// Hands bytes to the system; nil where it takes none now.
  private nonisolated func attempt(_ bytes: UnsafeRawBufferPointer) throws -> Int? { try judge(offer(bytes)) }

  /// Offers bytes to the transport; it touches nothing of the stream.
  private nonisolated func offer(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = transport.write(bytes)
      if count != -Int(EINTR) { return count }
    }
  }

  private nonisolated func judge(_ count: Int) throws -> Int? {
    if count >= 0 { return count }
    if count == -Int(EAGAIN) { return nil }
    let error = transport.error("write", Int32(-count))
    fail(error)
    throw error
  }

  // MARK: - Sending

  /// Begins to send what is in `output`, what the transport has to say, and that nothing more comes, unless that is going on.
  nonisolated func startSending() {
    if output.isEmpty, !isLeaveDue, !transport.isOwing { return }
    if let sender, sender.object.record.phase != .finished { return }
    sender = createTask(name: "sender") { [self] in await send() }
  }

  private func send() async {
    var limit = Clock.never
    do {
      while let isProgress = try sendNext() {
        if isProgress {
          limit = Clock.never
          // It is the peer that sets the pace, but others have to run.
          if keepsOthersWaiting() { try await sleep(0) }
        } else {
          if isClosing, limit == Clock.never {
            limit = Clock.deadline(Self.lingerLimit, after: LoopCore.shared.now)
          }
          guard try await transport.waitToWrite(until: limit) else {
            fail(IOError("close", peerAddress, ETIMEDOUT))
            break
          }
        }
      }
    } catch is CancellationError {
      // Somebody cancels every task there is. Whoever writes or drains next begins again.
      if isClosing { fail(IOError("close", peerAddress, ECANCELED)) }
    } catch {
      // `attempt` has seen to it.
    }
    sender = nil
    drainers.wakeAll()
    promiseRoom()
    if output.isEmpty, !isLeaveDue { finishWriting() }
  }

  /// Makes one attempt to send what is next. Returns whether something was sent; nil where nothing is left.
  private func sendNext() throws -> Bool? {
    if output.isEmpty {
      if isLeaveDue { return takeLeave() }
      return transport.isOwing ? transport.settle() != EAGAIN : nil
    }
    guard let sent = try judge(output.withFirst(offer)) else { return false }
    output.drop(sent)
    promiseRoom()
    return true
  }

  /// For how long a peer may take nothing of a stream that is being closed, in nanoseconds.
  static var lingerLimit: Int64 { 30_000_000_000 }

  /// Nothing can be written any more: what was to be sent is dropped, and all who wait are told.
  nonisolated func fail(_ error: any Error) {
    if writeError == nil { writeError = error }
    output.removeAll()
    drainers.wakeAll()
    room.wakeAll()
    if isClosing { finishWriting() }
  }
}

extension Waiters {
  /// Waits to be woken, unless that is needless.
  nonisolated(nonsending) func wait(_ phase: TaskPhase, unless isNeedless: @Sendable () -> Bool) async throws {
    if try await LoopCore.shared.wait(phase, in: list, unless: isNeedless) != nil { try LoopCore.shared.endWait() }
  }
}
