// One type for every stream of bytes: TCP, Unix sockets, pipes, standard input and output, serial ports, simulations.
//
// Reading
// -------
// The system call comes first, and waiting only when it says "not now". What it returns goes to the caller at once, or,
// where a line or a number of bytes is to be put together, into `input`, and is taken from there in one piece when it is
// whole. A read that is cancelled in between leaves everything in `input` for the next one: no byte is ever in a variable
// of a coroutine that could be cancelled. There is no buffer beside it: calls read into a block that all streams share,
// so a stream that waits holds no memory for it.
//
// One coroutine reads at a time. A second one gets an error, for the two would have to share the bytes by chance.
//
// Writing
// -------
// A write either takes all its bytes or none. It waits first, for as long as more than `highWaterMark` bytes are unsent,
// and this is the only place where it can be cancelled: none of its bytes are taken then. After that it hands the bytes to
// the system, keeps what the system has no room for, and returns. What has been taken is sent once, in order, by a task of
// the stream's own that lives only as long as there is something to send. So several coroutines may write, and their
// writes are never mixed; and whatever becomes of a writer, nothing is sent in part or twice. A peer that does not read
// makes at most `highWaterMark` bytes and one write pile up.
//
// Closing
// -------
// `close` ends reading at once; what has been taken for writing is still sent, as long as the peer goes on taking it.
// `abort` drops it. A stream that is dropped without either is closed with its object.
//
// Cost: a read or write of a ready stream is one system call and no suspension; so that a fast peer cannot keep all others
// from running, every 64th operation without a suspension lets them run once. A wait costs no system call of its own.

import CPlatform
import Scheduler

/// A stream of bytes to and from somebody: a connection, a pipe, a terminal, a serial port.
/// Python: `Stream`, `StreamReader`, `StreamWriter`.
///
/// ```swift
/// let stream = try await openConnection(host: host, port: port)
/// try await stream.write("hello\n")
/// let answer = try await stream.readLine()
/// stream.close()
/// ```
///
/// Each method says what a cancellation leaves behind. In short: what a cancelled read had received is there for the next
/// one, and a cancelled write has sent nothing.
@LoopActor
public final class ByteStream {
  package nonisolated let transport: Transport
  nonisolated let direction: StreamDirection
  /// The limits of reading and writing.
  public nonisolated let limits: StreamLimits

  // Only the loop's thread comes here, and no access lasts longer than an instant: the checks of that would cost more than
  // what they check. Methods that are called often see to it themselves: see `Reading.swift`.

  // Reading
  @exclusivity(unchecked) nonisolated(unsafe) var input = InputQueue()
  @exclusivity(unchecked) nonisolated(unsafe) var isReading = false
  @exclusivity(unchecked) nonisolated(unsafe) var hasEnded = false

  // Writing
  @exclusivity(unchecked) nonisolated(unsafe) var output = OutputQueue()
  let room = Waiters()
  /// Whether the first of those who wait for room has been woken, and has not taken it yet.
  @exclusivity(unchecked) nonisolated(unsafe) var isRoomPromised = false
  let drainers = Waiters()
  @exclusivity(unchecked) nonisolated(unsafe) var sender: LoopTask<Void>?
  @exclusivity(unchecked) nonisolated(unsafe) var writeError: (any Error)?
  @exclusivity(unchecked) nonisolated(unsafe) var isWritingOver = false
  /// Whether the other side has yet to be told so.
  @exclusivity(unchecked) nonisolated(unsafe) var isLeaveDue = false

  // Closing
  @exclusivity(unchecked) nonisolated(unsafe) var isClosing = false
  @exclusivity(unchecked) nonisolated(unsafe) var isClosed = false
  let closers = Waiters()

  @exclusivity(unchecked) private nonisolated(unsafe) var operationsWithoutSuspension = 0

  package init(transport: Transport, direction: StreamDirection = .both, limits: StreamLimits = StreamLimits()) {
    self.transport = transport
    self.direction = direction
    self.limits = limits
  }

  /// The address of this end; nil where the stream has none, and after it was closed.
  public var localAddress: SocketAddress? { transport.localAddress }

  /// The address of the other end; nil where the stream has none.
  public nonisolated var peerAddress: SocketAddress? { transport.peerAddress }

  /// The system's descriptor, to set what has no method here: it stays the stream's. Nil where there is none.
  public nonisolated var descriptor: Int32? { (transport.carrier as? SystemTransport)?.descriptor }

  /// Whether ``close()`` or ``abort()`` was called. Python: `is_closing()`.
  public var isClosingOrClosed: Bool { isClosing }

  /// How it stands with the stream now.
  public var statistics: StreamStatistics {
    StreamStatistics(
      receivedAndNotRead: input.count, writtenAndNotSent: output.count, isReading: isReading,
      waitingWriters: room.count, hasEnded: hasEnded, isClosed: isClosed)
  }

  /// Counts an operation that may end without a suspension.
  @inline(__always)
  nonisolated func countOperation() { operationsWithoutSuspension &+= 1 }

  /// Whether this stream has kept others from running for long, and is to let them.
  nonisolated var hasRunForLong: Bool {
    @inline(__always) get { operationsWithoutSuspension >= 64 }
  }

  /// Counts an operation. Returns whether this stream has kept others from running for long, and is to let them.
  @inline(__always)
  nonisolated func keepsOthersWaiting() -> Bool {
    countOperation()
    guard hasRunForLong else { return false }
    operationsWithoutSuspension = 0
    return true
  }

  /// Notes that a suspension follows.
  @inline(__always)
  nonisolated func willSuspend() {
    operationsWithoutSuspension = 0
    if transport.isOwing { startSending() }
  }
}

/// Which way bytes flow through a stream.
public enum StreamDirection: Hashable, Sendable {
  /// Both ways.
  case both
  /// The stream can only be read.
  case reading
  /// The stream can only be written.
  case writing
}

/// How much a stream keeps.
public struct StreamLimits: Hashable, Sendable {
  /// How many bytes a line, or what else ends with a separator, may have: 65,536 if not given. Python: `limit`.
  public var line: Int
  /// How many bytes may be unsent before a write waits: 65,536 if not given. Python: `set_write_buffer_limits(high)`.
  public var highWaterMark: Int

  public init(line: Int = 65_536, highWaterMark: Int = 65_536) {
    self.line = line
    self.highWaterMark = highWaterMark
  }
}

/// How it stands with a ``ByteStream``.
public struct StreamStatistics: Hashable, Sendable {
  /// How many bytes have been received that nobody has read.
  public let receivedAndNotRead: Int
  /// How many bytes were written that the system has not taken. Python: `get_write_buffer_size()`.
  public let writtenAndNotSent: Int
  /// Whether a coroutine is reading.
  public let isReading: Bool
  /// How many coroutines wait to write.
  public let waitingWriters: Int
  /// Whether the other side has ended its stream. Python: `at_eof()`.
  public let hasEnded: Bool
  /// Whether the stream is closed, and everything that was written has been sent or given up.
  public let isClosed: Bool
}
