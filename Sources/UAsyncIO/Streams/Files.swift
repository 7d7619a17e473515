// Streams of descriptors that are no sockets: pipes, terminals, standard input and output.
//
// Standard input and output belong to others too: the shell, the other programs of a pipeline. Making them non-blocking
// would be felt there, long after this program has ended. So what they refer to is opened once more, and that is ours.
// Where this cannot be (a socket; a terminal of another user) a socket is asked not to block with each call, and of the
// rest the flag is set, and put back at the end.

import CPlatform
import CUAsyncIO

/// A pipe: what is written to one end is read from the other. Python: `os.pipe()`.
///
/// - Throws: ``IOError`` where there are no descriptors left.
@LoopActor
public func openPipe(limits: StreamLimits = StreamLimits()) throws(IOError) -> (reader: ByteStream, writer: ByteStream)
{
  var ends: (Int32, Int32) = (0, 0)
  let error = withUnsafeMutablePointer(to: &ends) { ends in
    ends.withMemoryRebound(to: Int32.self, capacity: 2) { platform_pipe($0) }
  }
  if error < 0 { throw IOError("pipe", nil, -error) }
  let reader: SystemTransport
  do throws(IOError) {
    reader = try SystemTransport(ends.0, .file, peer: nil)
  } catch {
    _ = platform_close(ends.1)
    throw error
  }
  let writer = try SystemTransport(ends.1, .file, peer: nil)
  return (
    ByteStream(transport: reader, direction: .reading, limits: limits),
    ByteStream(transport: writer, direction: .writing, limits: limits)
  )
}

/// Standard input as a stream. Closing it leaves the descriptor open.
///
/// - Throws: ``IOError`` where there is none.
///
/// Python: `connect_read_pipe(protocol, sys.stdin)`.
@LoopActor
public func openStandardInput(limits: StreamLimits = StreamLimits()) throws(IOError) -> ByteStream {
  try openShared(descriptor: 0, direction: .reading, limits: limits)
}

/// Standard output as a stream; see ``openStandardInput(limits:)``.
@LoopActor
public func openStandardOutput(limits: StreamLimits = StreamLimits()) throws(IOError) -> ByteStream {
  try openShared(descriptor: 1, direction: .writing, limits: limits)
}

/// The standard error stream as a stream; see ``openStandardInput(limits:)``.
@LoopActor
public func openStandardError(limits: StreamLimits = StreamLimits()) throws(IOError) -> ByteStream {
  try openShared(descriptor: 2, direction: .writing, limits: limits)
}

/// A stream of a descriptor that others use too, and that is left open and as it was.
///
/// - Parameters:
///   - descriptor: a socket, pipe, terminal or file.
///   - direction: which way bytes are to flow.
///   - limits: how much the stream keeps.
/// - Throws: ``IOError``.
@LoopActor
public func openShared(
  descriptor: Int32, direction: StreamDirection, limits: StreamLimits = StreamLimits()
) throws(IOError) -> ByteStream {
  let kind = platform_kind(descriptor)
  if kind < 0 { throw IOError("open descriptor \(descriptor)", nil, -kind) }
  let isSocket = kind == Int32(UInt8(ascii: "s"))
  if !isSocket, kind != Int32(UInt8(ascii: "r")) {
    let again = platform_reopen(descriptor, direction != .writing, direction != .reading)
    if again >= 0 {
      return ByteStream(
        transport: try SystemTransport(again, .file, peer: nil), direction: direction, limits: limits)
    }
  }
  // A duplicate, so that the poller has a number of its own.
  let ours = platform_duplicate(descriptor)
  if ours < 0 { throw IOError("duplicate descriptor \(descriptor)", nil, -ours) }
  if isSocket {
    return ByteStream(transport: try SystemTransport(ours, .socket, peer: nil), direction: direction, limits: limits)
  }
  let wasNonblocking = platform_set_nonblocking(ours, true) == 1
  let transport = try SystemTransport(ours, .file, peer: nil) { descriptor in
    if !wasNonblocking { _ = platform_set_nonblocking(descriptor, false) }
    _ = platform_close(descriptor)
  }
  return ByteStream(transport: transport, direction: direction, limits: limits)
}

/// A stream of a descriptor that the caller has opened, and gives away: it is closed with the stream.
///
/// - Throws: ``IOError``; the descriptor is closed then, unless it was none.
@LoopActor
public func openStream(
  owning descriptor: Int32, direction: StreamDirection = .both, limits: StreamLimits = StreamLimits()
) throws(IOError) -> ByteStream {
  let kind = platform_kind(descriptor)
  if kind < 0 { throw IOError("open descriptor \(descriptor)", nil, -kind) }
  let isSocket = kind == Int32(UInt8(ascii: "s"))
  _ = platform_set_nonblocking(descriptor, true)
  var peer = platform_address()
  let hasPeer = isSocket && platform_peer_address(descriptor, &peer) == 0
  let transport = try SystemTransport(
    descriptor, isSocket ? (peer.kind == 4 || peer.kind == 6 ? .tcp : .socket) : .file,
    peer: hasPeer ? SocketAddress(peer) : nil)
  return ByteStream(transport: transport, direction: direction, limits: limits)
}

// MARK: - Serial ports

/// How a serial port is set.
public struct SerialSettings: Hashable, Sendable {
  /// How errors of single bits are found.
  public enum Parity: Hashable, Sendable { case none, even, odd }
  /// How one side makes the other wait.
  public enum FlowControl: Hashable, Sendable {
    case none
    /// With the wires RTS and CTS.
    case hardware
    /// With the characters XON and XOFF.
    case software
  }

  /// Bits a second; any number that the port can do.
  public var speed: Int
  /// 5 to 8.
  public var dataBits: Int
  public var parity: Parity
  /// 1 or 2.
  public var stopBits: Int
  public var flowControl: FlowControl

  public init(
    speed: Int, dataBits: Int = 8, parity: Parity = .none, stopBits: Int = 1, flowControl: FlowControl = .none
  ) {
    self.speed = speed
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
    self.flowControl = flowControl
  }

  fileprivate var system: platform_serial? {
    guard let speed = UInt32(exactly: speed), speed > 0, (5...8).contains(dataBits), (1...2).contains(stopBits)
    else { return nil }
    let parity: Character = parity == .none ? "n" : parity == .even ? "e" : "o"
    let flow: Character = flowControl == .none ? "n" : flowControl == .hardware ? "h" : "s"
    return platform_serial(
      speed: speed, data_bits: UInt8(dataBits), stop_bits: UInt8(stopBits), parity: parity.asciiValue!,
      flow: flow.asciiValue!)
  }
}

/// Opens a serial port: every byte comes and goes as it is (raw mode). Python: `machine.UART`, pyserial.
///
/// - Parameters:
///   - path: the device, as `/dev/ttyUSB0`.
///   - settings: how the port is set.
///   - limits: how much the stream keeps.
/// - Throws: ``IOError``: with `ENOTTY` where the path is no terminal, with `EINVAL` where the settings make no sense.
@LoopActor
public func openSerialPort(
  path: String, _ settings: SerialSettings, limits: StreamLimits = StreamLimits()
) throws(IOError) -> ByteStream {
  guard var system = settings.system else {
    throw IOError(operation: "open serial port", path: path, errorNumber: EINVAL)
  }
  let port = platform_open_serial(path, &system)
  if port < 0 { throw IOError(operation: "open serial port", path: path, errorNumber: -port) }
  return ByteStream(transport: try SystemTransport(port, .file, peer: nil), limits: limits)
}

extension ByteStream {
  /// Sets the serial port anew.
  ///
  /// - Throws: ``IOError`` of a stream that is no serial port, and where the settings make no sense.
  public func setSerial(_ settings: SerialSettings) throws(IOError) {
    guard var system = settings.system else { throw IOError("setSerial", nil, EINVAL) }
    guard let descriptor, !isClosed else { throw IOError("setSerial", nil, ENOTTY) }
    let error = platform_set_serial(descriptor, &system)
    if error < 0 { throw IOError("setSerial", nil, -error) }
  }

  /// The serial port's speed in bits a second; nil of a stream that is none.
  public var serialSpeed: Int? {
    guard let descriptor, !isClosed else { return nil }
    let speed = platform_serial_speed(descriptor)
    return speed < 0 ? nil : Int(speed)
  }

  /// Has the terminal hand over each key as it is pressed, without showing it, while `body` runs; afterwards it is as it
  /// was. (Raw mode: Ctrl-C is a byte too.) A stream that is no terminal is left as it is.
  ///
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; ``IOError``.
  public func withRawTerminal<Result>(_ body: @LoopActor () async throws -> Result) async throws -> Result {
    guard let descriptor, platform_kind(descriptor) == Int32(UInt8(ascii: "t")) else { return try await body() }
    let saved = UnsafeMutableRawPointer.allocate(byteCount: platform_terminal_size(), alignment: 16)
    defer { saved.deallocate() }
    let error = platform_make_raw(descriptor, saved)
    if error < 0 { throw IOError("make raw", nil, -error) }
    defer { if !isClosed { _ = platform_restore_terminal(descriptor, saved) } }
    return try await body()
  }
}
