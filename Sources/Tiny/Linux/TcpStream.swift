import CTinyLinux
import Scheduler

/// A TCP connection.
///
/// Python: `StreamReader` and `StreamWriter` in one.
public final class TcpStream: ByteStream {
  private let descriptor: Int32
  private let state: DescriptorPointer
  private var isOpen = true

  init(_ descriptor: Int32, bufferSize: Int) throws(TaskError) {
    self.descriptor = descriptor
    state = .allocate(capacity: 1)
    state.initialize(to: DescriptorState())
    super.init(bufferSize: bufferSize)
    let error = tiny_poller_add(descriptor, state)
    if error < 0 { throw .system(-error) }
  }

  deinit {
    close()
    state.deallocate()
  }

  /// Connects to an IPv4 address, its four numbers from left to right.
  ///
  /// - Parameter bufferSize: the longest line that ``ByteStream/readLine(into:)`` can read, its end included.
  /// - Throws: ``TaskError/system(_:)`` if it is refused or out of reach; ``TaskError/cancelled``, and then the attempt
  ///   is given up.
  ///
  /// Python: `open_connection(host, port)`.
  public static func connect(
    to address: (UInt8, UInt8, UInt8, UInt8), port: UInt16, bufferSize: Int = 512
  ) async throws(TaskError) -> TcpStream {
    let host = UInt32(address.0) << 24 | UInt32(address.1) << 16 | UInt32(address.2) << 8 | UInt32(address.3)
    _ = loopNanoseconds()
    let descriptor = tiny_connect(host, port)
    if descriptor < 0 { throw .system(-descriptor) }
    let stream = try TcpStream(descriptor, bufferSize: bufferSize)
    stream.state.pointee.mayWrite = false
    try await stream.waitForRoom()
    let error = tiny_connect_result(descriptor)
    if error < 0 { throw .system(-error) }
    return stream
  }

  /// Closes the connection. What has been written and not sent yet is sent. Nobody may be waiting for the stream.
  ///
  /// Python: `close()`.
  public func close() {
    guard isOpen else { return }
    precondition(state.pointee.reader == nil && state.pointee.writer == nil, "closed under a task that waits for it")
    isOpen = false
    tiny_close(descriptor)
  }

  /// Says that nothing more will be written. Python: `write_eof()`.
  public func closeOutput() { if isOpen { tiny_half_close(descriptor) } }

  override func take(_ room: UnsafeMutableRawBufferPointer) throws(TaskError) -> Progress {
    guard isOpen else { throw .closed }
    guard state.pointee.mayRead else { return .wait }
    let count = tiny_receive(descriptor, room.baseAddress, room.count)
    if count > 0 {
      // The kernel had less than there was room for: now it has nothing.
      if count < room.count, !state.pointee.distrustsShortReads { state.pointee.mayRead = false }
      return .bytes(count)
    }
    if count == 0 {
      // It stays at its end, and says so again.
      return .end
    }
    return try failed(Int32(-count)) { $0.mayRead = false }
  }

  override func give(_ bytes: UnsafeRawBufferPointer) throws(TaskError) -> Progress {
    guard isOpen else { throw .closed }
    // It is tried even if there was no room the last time. That there is some again is news, and who never waits
    // (`tryWrite`) may give the loop no reason to ask for any.
    let count = tiny_send(descriptor, bytes.baseAddress, bytes.count)
    if count >= 0 {
      if count < bytes.count { state.pointee.mayWrite = false }
      return .bytes(count)
    }
    return try failed(Int32(-count)) { $0.mayWrite = false }
  }

  private func failed(_ error: Int32, _ note: (inout DescriptorState) -> Void) throws(TaskError) -> Progress {
    guard error == tiny_again else { throw .system(error) }
    note(&state.pointee)
    return .wait
  }

  override func waitForInput() async throws(TaskError) {
    if state.pointee.mayRead { return }
    isReading = true
    defer { isReading = false }
    try Loop.shared.beginWatch(state, .readable)
    await park()
    try Loop.shared.endWatch(state, .readable)
  }

  override func waitForRoom() async throws(TaskError) {
    if state.pointee.mayWrite { return }
    isWriting = true
    defer { isWriting = false }
    try Loop.shared.beginWatch(state, .writable)
    await park()
    try Loop.shared.endWatch(state, .writable)
  }
}

/// A socket that others connect to. Python: `start_server`.
public final class TcpListener {
  private let descriptor: Int32
  private let state: DescriptorPointer
  /// The port that it listens on.
  public let port: UInt16

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - port: the port; 0 lets the system choose one.
  ///   - loopbackOnly: whether only this machine may connect.
  /// - Throws: ``TaskError/system(_:)``, for one if the port is taken.
  public init(port: UInt16, loopbackOnly: Bool = false) throws(TaskError) {
    // The poller is the loop's.
    _ = loopNanoseconds()
    var port = port
    descriptor = tiny_listen(&port, loopbackOnly ? 1 : 0)
    self.port = port
    state = .allocate(capacity: 1)
    state.initialize(to: DescriptorState())
    let error = descriptor < 0 ? descriptor : tiny_poller_add(descriptor, state)
    if error < 0 { throw .system(-error) }
  }

  deinit {
    if descriptor >= 0 { tiny_close(descriptor) }
    state.deallocate()
  }

  /// Waits for the next connection. One that is broken off before it is accepted does not count; while the system has
  /// no descriptors or no memory left, or no network, it tries again every tenth of a second.
  ///
  /// - Parameter bufferSize: the longest line that the stream's `readLine` can read, its end included.
  /// - Throws: ``TaskError/cancelled``, and then no connection is lost; ``TaskError/busy`` if another task waits here;
  ///   ``TaskError/system(_:)`` where no connection could ever come.
  public func accept(bufferSize: Int = 512) async throws(TaskError) -> TcpStream {
    while true {
      let accepted = tiny_accept(descriptor)
      if accepted >= 0 { return try TcpStream(accepted, bufferSize: bufferSize) }
      switch -accepted {
      case tiny_again:
        if state.pointee.reader != nil { throw .busy }
        try Loop.shared.beginWatch(state, .readable)
        await park()
        try Loop.shared.endWatch(state, .readable)
      case tiny_aborted: break
      case tiny_no_descriptor, tiny_no_socket, tiny_not_listening: throw .system(-accepted)
      default: try await sleepMs(100)
      }
    }
  }
}
