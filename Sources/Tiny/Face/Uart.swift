#if !os(Linux)
  import CTiny

  /// The board's serial line, as a stream.
  ///
  /// What comes is kept in a ring of 128 bytes by the interrupt; what is written goes into another one, and whoever
  /// finds it full waits until half of it has been sent. Make one, and keep it.
  public final class Uart: ByteStream {
    private let received = ThreadSafeFlag()
    private let sent = ThreadSafeFlag()

    /// Begins to receive.
    ///
    /// - Parameter bufferSize: the longest line that ``ByteStream/readLine(into:)`` can read, its end included.
    public override init(bufferSize: Int = 80) {
      super.init(bufferSize: bufferSize)
      tiny_uart_open(received.address, sent.address)
    }

    /// Bytes that have come while there was no room for them.
    public var lostBytes: Int { Int(tiny_uart_lost()) }

    override func take(_ room: UnsafeMutableRawBufferPointer) throws(TaskError) -> Progress {
      let count = tiny_uart_read(room.baseAddress?.assumingMemoryBound(to: UInt8.self), room.count)
      return count == 0 ? .wait : .bytes(Int(count))
    }

    override func give(_ bytes: UnsafeRawBufferPointer) throws(TaskError) -> Progress {
      let count = tiny_uart_write(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      return count == 0 ? .wait : .bytes(Int(count))
    }

    // A flag may be set for bytes that have been taken already; then the caller just looks again.
    override func waitForInput() async throws(TaskError) {
      isReading = true
      defer { isReading = false }
      try await received.wait()
    }

    override func waitForRoom() async throws(TaskError) {
      isWriting = true
      defer { isWriting = false }
      try await sent.wait()
    }
  }
#endif
