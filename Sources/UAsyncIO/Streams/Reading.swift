// The methods that are called for each message (`read`, `readUntil`, `readLine`, and `write` in Writing.swift) belong to no
// actor: their caller's is theirs, so that calling them costs no change of actors, of which the runtime knows only at run
// time that it is none. They begin by asking whether they are where they ought to be, in a task of ours on the loop's
// thread; from anywhere else they go there first, by a method of the same name and `FromElsewhere`.
//
// Those that read into the caller's memory are coroutines in name only: they are inlined into their callers, and what
// they do are functions, with `park` between them. A coroutine's frame would cost about 150 instructions.

import CPlatform

extension ByteStream {
  /// The most that one system call receives into the block that all streams share.
  nonisolated static var blockSize: Int { 65_536 }
  nonisolated(unsafe) private static let block = UnsafeMutableRawBufferPointer.allocate(
    byteCount: blockSize, alignment: 16)

  // MARK: - What is there

  /// Reads what is there, and waits only where nothing is.
  ///
  /// It makes an array each time; ``read(into:)-(UnsafeMutableRawBufferPointer)`` does not.
  ///
  /// - Parameter count: the most to read; more than 65,536 bytes are not read at once.
  /// - Returns: at least one byte; none at the stream's end. (And where none were asked for.)
  /// - Throws: ``IOError`` where the connection is broken; ``StreamError``; ``LoopError/outOfRange(_:value:expected:)``
  ///   for a negative number; `CancellationError` if the coroutine is cancelled meanwhile: nothing has been read then.
  ///
  /// Python: `read(n)`.
  public nonisolated(nonsending) func read(upTo count: Int) async throws -> [UInt8] {
    guard LoopCore.inTask != nil else { return try await readFromElsewhere(upTo: count) }
    return try await readHere(upTo: count)
  }

  private func readFromElsewhere(upTo count: Int) async throws -> [UInt8] { try await readHere(upTo: count) }

  @inline(__always)
  private nonisolated(nonsending) func readHere(upTo count: Int) async throws -> [UInt8] {
    try checkCount(count)
    try begin()
    defer { isReading = false }
    if keepsOthersWaiting() { try await sleep(0) }
    if count == 0 { return [] }
    if !input.isEmpty { return input.take(min(count, input.count)) }
    let block = UnsafeMutableRawBufferPointer(rebasing: Self.block[..<min(count, Self.blockSize)])
    while true {
      if let received = try attempt(into: block) { return copy(block, received) }
      willSuspend()
      _ = try await transport.carrier.wait(for: .readable)
    }
  }

  /// Reads what is there into the caller's memory, without copying it; see ``read(upTo:)``.
  ///
  /// - Parameter buffer: where to; it must stay valid until the call returns.
  /// - Returns: the number of bytes; 0 at the stream's end.
  ///
  /// Python: `readinto(buffer)`.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func read(into buffer: UnsafeMutableRawBufferPointer) async throws -> Int {
    var step = try beginRead(into: buffer)
    while case .waits = step {
      await park()
      step = try continueRead(into: buffer)
    }
    if case .isDone(let count) = step { return count }
    // The caller waits, and leaves it alone meanwhile.
    nonisolated(unsafe) let buffer = buffer
    return try await readFromElsewhere(into: buffer)
  }

  @usableFromInline
  func readFromElsewhere(into buffer: UnsafeMutableRawBufferPointer) async throws -> Int {
    try await readHere(into: buffer)
  }

  @inline(__always)
  private nonisolated(nonsending) func readHere(into buffer: UnsafeMutableRawBufferPointer) async throws -> Int {
    try begin()
    defer { isReading = false }
    if keepsOthersWaiting() { try await sleep(0) }
    if buffer.isEmpty { return 0 }
    if !input.isEmpty { return input.take(into: buffer) }
    while true {
      if let received = try attempt(into: buffer) { return received }
      willSuspend()
      _ = try await transport.carrier.wait(for: .readable)
    }
  }

  /// Reads what is there into an array's elements, from the first one on, without copying it; see ``read(upTo:)``.
  ///
  /// - Returns: how many elements were replaced; 0 at the stream's end.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func read(into array: inout [UInt8]) async throws -> Int {
    var step = try array.withUnsafeMutableBytes { try beginRead(into: $0) }
    while case .waits = step {
      await park()
      step = try array.withUnsafeMutableBytes { try continueRead(into: $0) }
    }
    if case .isDone(let count) = step { return count }
    return try await readFromElsewhere(into: &array)
  }

  @usableFromInline
  func readFromElsewhere(into array: inout [UInt8]) async throws -> Int { try await readHere(into: &array) }

  @inline(__always)
  private nonisolated(nonsending) func readHere(into array: inout [UInt8]) async throws -> Int {
    try begin()
    defer { isReading = false }
    if keepsOthersWaiting() { try await sleep(0) }
    if array.isEmpty { return 0 }
    if !input.isEmpty { return array.withUnsafeMutableBytes { input.take(into: $0) } }
    while true {
      if let received = try array.withUnsafeMutableBytes({ try attempt(into: $0) }) { return received }
      willSuspend()
      _ = try await transport.carrier.wait(for: .readable)
    }
  }

  // MARK: - Step by step

  /// Begins to read into the caller's memory.
  @usableFromInline
  nonisolated func beginRead(into buffer: UnsafeMutableRawBufferPointer) throws -> ReadStep {
    guard let loop = LoopCore.inTask, !hasRunForLong else { return .isElsewhere }
    try begin()
    countOperation()
    guard buffer.isEmpty || !input.isEmpty else { return try attemptOrWait(buffer, loop) }
    isReading = false
    return .isDone(input.take(into: buffer))
  }

  /// Goes on with it when its wait is over.
  @usableFromInline
  nonisolated func continueRead(into buffer: UnsafeMutableRawBufferPointer) throws -> ReadStep {
    let loop = LoopCore.shared
    do {
      _ = try transport.carrier.end(.readable, loop)
    } catch {
      isReading = false
      throw error
    }
    return try attemptOrWait(buffer, loop)
  }

  private nonisolated func attemptOrWait(_ buffer: UnsafeMutableRawBufferPointer, _ loop: LoopCore) throws -> ReadStep {
    do {
      if let received = try attempt(into: buffer) {
        isReading = false
        return .isDone(received)
      }
      willSuspend()
      try transport.carrier.begin(.readable, .max, loop)
      return .waits
    } catch {
      isReading = false
      throw error
    }
  }

  // MARK: - A number of bytes

  /// Reads a number of bytes.
  ///
  /// - Throws: as ``read(upTo:)``; ``StreamError/incomplete(partial:expected:)`` with what there is where the stream ends
  ///   before; cancelled, it leaves what has been received for the next read.
  ///
  /// Python: `readexactly(n)`.
  public func readExactly(_ count: Int) async throws -> [UInt8] {
    try checkCount(count)
    return try await whileReading {
      while input.count < count {
        guard try await receive() else {
          throw StreamError.incomplete(partial: input.take(input.count), expected: count)
        }
      }
      return input.take(count)
    }
  }

  /// Fills the caller's memory, without copying; see ``readExactly(_:)``.
  ///
  /// - Parameter buffer: where to; it must stay valid until the call returns. Of a read that was cancelled its content is
  ///   without meaning: the bytes are in the stream again.
  public func readExactly(into buffer: UnsafeMutableRawBufferPointer) async throws {
    try await whileReading {
      var filled = input.take(into: buffer)
      do {
        while filled < buffer.count {
          let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
          guard let received = hasEnded ? 0 : try attempt(into: rest) else {
            willSuspend()
            _ = try await transport.carrier.wait(for: .readable)
            continue
          }
          guard received > 0 else {
            defer { filled = 0 }
            throw StreamError.incomplete(partial: Array(buffer[..<filled]), expected: buffer.count)
          }
          filled += received
        }
      } catch {
        input.putBack(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        throw error
      }
    }
  }

  /// Reads all that comes until the stream ends.
  ///
  /// - Parameter limit: the most that may come; no limit if not given.
  /// - Throws: as ``read(upTo:)``; ``StreamError/limitExceeded(limit:)`` where more comes; cancelled or beyond the limit, it
  ///   leaves what has been received for the next read.
  ///
  /// Python: `read(-1)`.
  public func readAll(limit: Int = .max) async throws -> [UInt8] {
    try checkCount(limit)
    return try await whileReading {
      while try await receive() {
        if input.count > limit { throw StreamError.limitExceeded(limit: limit) }
      }
      if input.count > limit { throw StreamError.limitExceeded(limit: limit) }
      return input.take(input.count)
    }
  }

  private nonisolated func copy(_ block: UnsafeMutableRawBufferPointer, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
      if count > 0 { UnsafeMutableRawBufferPointer(bytes).copyMemory(from: .init(rebasing: block[..<count])) }
      initialized = count
    }
  }

  // MARK: - One attempt

  /// Runs one read operation, while no other can begin.
  @inline(__always)
  nonisolated(nonsending) func whileReading<Result>(_ body: nonisolated(nonsending) () async throws -> Result)
    async throws -> Result
  {
    try begin()
    defer { isReading = false }
    if keepsOthersWaiting() { try await sleep(0) }
    return try await body()
  }

  @inline(__always)
  private nonisolated func begin() throws {
    if direction == .writing { throw StreamError.wrongDirection(operation: "read") }
    if isClosing { throw StreamError.closed(operation: "read") }
    if isReading { throw StreamError.inUse(operation: "read") }
    isReading = true
  }

  /// Receives something into `input`, waiting where nothing is there. Returns false at the stream's end.
  nonisolated(nonsending) func receive() async throws -> Bool {
    if hasEnded { return false }
    while true {
      if let received = try attempt(into: Self.block) {
        input.append(UnsafeRawBufferPointer(rebasing: Self.block[..<received]))
        return received > 0
      }
      willSuspend()
      _ = try await transport.carrier.wait(for: .readable)
    }
  }

  /// Receives what is there: nil where nothing is, 0 at the stream's end.
  private nonisolated func attempt(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    while true {
      if isClosing { throw StreamError.closed(operation: "read") }
      if hasEnded { return 0 }
      let count = transport.read(into: buffer)
      if count > 0 { return count }
      switch Int32(-count) {
      case 0: hasEnded = true
      case EINTR: continue
      case EAGAIN: return nil
      case let error: throw transport.error("read", error)
      }
    }
  }

  private nonisolated func checkCount(_ count: Int) throws(LoopError) {
    if count < 0 { throw .outOfRange("a number of bytes", value: count, expected: "0 or more") }
  }
}

/// How far a read has come that is made of steps.
@usableFromInline
enum ReadStep {
  /// So many bytes have been read.
  case isDone(Int)
  /// The task is filed, and has to park.
  case waits
  /// Nothing has begun: the caller is not where it ought to be, or is to let others run.
  case isElsewhere
}
