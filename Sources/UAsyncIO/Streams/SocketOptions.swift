import CPlatform

/// How the sockets of connections are set.
public struct SocketOptions: Hashable, Sendable {
  /// Whether small writes are sent at once (`TCP_NODELAY`): true if not given.
  public var noDelay: Bool
  /// Whether, and how, a silent peer is asked if it is still there; not at all if not given.
  public var keepAlive: KeepAlive?
  /// How many bytes the system keeps that have come in, and that are to go out; the system's choice if not given.
  public var receiveBuffer: Int?
  public var sendBuffer: Int?

  public init(
    noDelay: Bool = true, keepAlive: KeepAlive? = nil, receiveBuffer: Int? = nil, sendBuffer: Int? = nil
  ) {
    self.noDelay = noDelay
    self.keepAlive = keepAlive
    self.receiveBuffer = receiveBuffer
    self.sendBuffer = sendBuffer
  }
}

/// How a silent peer is asked if it is still there (`SO_KEEPALIVE`).
public struct KeepAlive: Hashable, Sendable {
  /// After how many seconds of silence; the system's choice (two hours) if not given.
  public var idleSeconds: Int?
  /// How many seconds there are between two questions.
  public var intervalSeconds: Int?
  /// How many questions without an answer mean that the connection is broken.
  public var count: Int?

  public init(idleSeconds: Int? = nil, intervalSeconds: Int? = nil, count: Int? = nil) {
    self.idleSeconds = idleSeconds
    self.intervalSeconds = intervalSeconds
    self.count = count
  }
}

extension SocketOptions {
  /// Sets a socket's buffers, which a connection must have from its beginning.
  func setBuffers(of socket: Int32, _ address: SocketAddress?) throws(IOError) {
    if let receiveBuffer { try set(socket, PLATFORM_RECEIVE_BUFFER, receiveBuffer, address) }
    if let sendBuffer { try set(socket, PLATFORM_SEND_BUFFER, sendBuffer, address) }
  }

  /// Sets what concerns a TCP connection.
  func apply(to socket: Int32, _ address: SocketAddress?) throws(IOError) {
    if noDelay { try set(socket, PLATFORM_NO_DELAY, 1, address) }
    if let keepAlive { try keepAlive.apply(to: socket, address) }
  }
}

extension KeepAlive {
  fileprivate func apply(to socket: Int32, _ address: SocketAddress?) throws(IOError) {
    if let idleSeconds { try set(socket, PLATFORM_KEEP_ALIVE_IDLE, idleSeconds, address) }
    if let intervalSeconds { try set(socket, PLATFORM_KEEP_ALIVE_INTERVAL, intervalSeconds, address) }
    if let count { try set(socket, PLATFORM_KEEP_ALIVE_COUNT, count, address) }
    try set(socket, PLATFORM_KEEP_ALIVE, 1, address)
  }
}

extension ByteStream {
  /// Sends small writes at once, or lets the system put them together (`TCP_NODELAY`).
  ///
  /// - Throws: ``IOError`` of a stream that is no TCP connection, and of a broken one.
  public func setNoDelay(_ noDelay: Bool) throws(IOError) {
    try set(tcpSocket("setNoDelay"), PLATFORM_NO_DELAY, noDelay ? 1 : 0, peerAddress)
  }

  /// Whether small writes are sent at once; false of a stream that is no TCP connection.
  public var noDelay: Bool {
    guard let socket = try? tcpSocket("noDelay") else { return false }
    return platform_get_option(socket, PLATFORM_NO_DELAY) > 0
  }

  /// Has a silent peer be asked if it is still there, or not; see ``setNoDelay(_:)``.
  public func setKeepAlive(_ keepAlive: KeepAlive?) throws(IOError) {
    let socket = try tcpSocket("setKeepAlive")
    if let keepAlive {
      try keepAlive.apply(to: socket, peerAddress)
    } else {
      try set(socket, PLATFORM_KEEP_ALIVE, 0, peerAddress)
    }
  }

  private func tcpSocket(_ operation: String) throws(IOError) -> Int32 {
    guard let transport = transport.carrier as? SystemTransport, !transport.isReleased, transport.kind == .tcp else {
      throw IOError(operation, peerAddress, ENOPROTOOPT)
    }
    return transport.descriptor
  }
}

func set(
  _ socket: Int32, _ option: platform_socket_option, _ value: Int, _ address: SocketAddress?
) throws(IOError) {
  guard let value = Int32(exactly: value) else { throw IOError("set a socket's option", address, EINVAL) }
  let error = platform_set_option(socket, option, value)
  if error < 0 { throw IOError("set a socket's option", address, -error) }
}
