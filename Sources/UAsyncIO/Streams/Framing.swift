extension ByteStream {
  /// Reads up to and including a separator.
  ///
  /// - Parameters:
  ///   - separator: the bytes that end what is read; at least one.
  ///   - limit: the most bytes before the separator; ``StreamLimits/line`` if not given.
  /// - Returns: the bytes, and the separator at their end.
  /// - Throws: as ``read(upTo:)``; ``StreamError/limitExceeded(limit:)`` where the separator is not within the limit, and
  ///   ``StreamError/incomplete(partial:expected:)`` with what there is where the stream ends before it. Cancelled, or
  ///   beyond the limit, it leaves what has been received for the next read.
  ///
  /// Python: `readuntil(separator)`.
  public nonisolated(nonsending) func readUntil(_ separator: [UInt8], limit: Int? = nil) async throws -> [UInt8] {
    guard LoopCore.inTask != nil else { return try await readFromElsewhere(until: separator, limit: limit) }
    return try await readHere(until: separator, limit: limit)
  }

  private func readFromElsewhere(until separator: [UInt8], limit: Int?) async throws -> [UInt8] {
    try await readHere(until: separator, limit: limit)
  }

  @inline(__always)
  private nonisolated(nonsending) func readHere(until separator: [UInt8], limit: Int?) async throws -> [UInt8] {
    try await whileReading {
      guard let end = try await receive(until: separator, limit: limit ?? limits.line) else {
        throw StreamError.incomplete(partial: input.take(input.count), expected: nil)
      }
      return input.take(end + separator.count)
    }
  }

  /// Reads up to and including a separator of one byte; see ``readUntil(_:limit:)-([UInt8],_)``.
  public nonisolated(nonsending) func readUntil(_ separator: UInt8, limit: Int? = nil) async throws -> [UInt8] {
    try await readUntil([separator], limit: limit)
  }

  /// Reads a line: up to a line feed, which is left off, as is a carriage return before it.
  ///
  /// What follows the last line feed is a line too, unless it is empty. Bytes that are no UTF-8 become U+FFFD; where they
  /// matter, there is ``readUntil(_:limit:)-(UInt8,_)``.
  ///
  /// - Parameter limit: the most bytes before the line feed; ``StreamLimits/line`` if not given.
  /// - Returns: the line; nil at the stream's end.
  /// - Throws: as ``read(upTo:)``; ``StreamError/limitExceeded(limit:)`` where a line is longer. Cancelled, or beyond the
  ///   limit, it leaves what has been received for the next read.
  ///
  /// Python: `readline()`.
  public nonisolated(nonsending) func readLine(limit: Int? = nil) async throws -> String? {
    guard LoopCore.inTask != nil else { return try await readLineFromElsewhere(limit: limit) }
    return try await readLineHere(limit: limit)
  }

  private func readLineFromElsewhere(limit: Int?) async throws -> String? { try await readLineHere(limit: limit) }

  @inline(__always)
  private nonisolated(nonsending) func readLineHere(limit: Int?) async throws -> String? {
    try await whileReading {
      let end = try await receive(until: [UInt8(ascii: "\n")], limit: limit ?? limits.line)
      if end == nil, input.isEmpty { return nil }
      let length = end ?? input.count
      let line = input.withBytes { bytes in
        let carriageReturn = end != nil && length > 0 && bytes[length - 1] == UInt8(ascii: "\r")
        return String(decoding: bytes[..<(carriageReturn ? length - 1 : length)], as: UTF8.self)
      }
      input.drop(end.map { $0 + 1 } ?? length)
      return line
    }
  }

  /// Receives until a separator is in `input`, and returns where it begins; nil where the stream ends before.
  private nonisolated(nonsending) func receive(until separator: [UInt8], limit: Int) async throws -> Int? {
    guard !separator.isEmpty else {
      throw LoopError.outOfRange("the length of a separator", value: 0, expected: "1 or more")
    }
    guard limit >= 0 else { throw LoopError.outOfRange("a limit", value: limit, expected: "0 or more") }
    // Where the separator cannot begin, as far as has been looked.
    var searched = 0
    while true {
      if let index = input.firstIndex(of: separator, from: searched) {
        if index > limit { throw StreamError.limitExceeded(limit: limit) }
        return index
      }
      searched = max(0, input.count - separator.count + 1)
      if searched > limit { throw StreamError.limitExceeded(limit: limit) }
      guard try await receive() else { return nil }
    }
  }
}

// MARK: - Sequences

extension ByteStream {
  /// The lines that are still to come, one by one; see ``readLine(limit:)``. Python: `async for line in reader`.
  ///
  /// ```swift
  /// for try await line in stream.lines { print(line) }
  /// ```
  public var lines: Lines { Lines(stream: self) }

  /// What is still to come, in pieces as they come; see ``read(upTo:)``.
  public func chunks(upTo count: Int = 65_536) -> Chunks { Chunks(stream: self, count: count) }

  /// The lines of a stream.
  @LoopActor
  public struct Lines {
    let stream: ByteStream

    @LoopActor
    public struct Iterator: @LoopActor AsyncIteratorProtocol {
      let stream: ByteStream

      /// The next line; nil at the stream's end.
      public mutating func next() async throws -> String? { try await stream.readLine() }
    }
  }

  /// The pieces of a stream.
  @LoopActor
  public struct Chunks {
    let stream: ByteStream
    let count: Int

    @LoopActor
    public struct Iterator: @LoopActor AsyncIteratorProtocol {
      let stream: ByteStream
      let count: Int

      /// The next piece; nil at the stream's end.
      public mutating func next() async throws -> [UInt8]? {
        let piece = try await stream.read(upTo: count)
        return piece.isEmpty ? nil : piece
      }
    }
  }
}

extension ByteStream.Lines: @LoopActor AsyncSequence {
  public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }
}

extension ByteStream.Chunks: @LoopActor AsyncSequence {
  public func makeAsyncIterator() -> Iterator { Iterator(stream: stream, count: count) }
}
