import CPlatform

/// Starts a server at addresses that are known.
///
/// ```swift
/// let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { stream in
///   for try await piece in stream.chunks() { try await stream.write(piece) }
/// }
/// ```
///
/// - Parameters:
///   - addresses: where to listen; port 0 is one that the system chooses (``Server/port``).
///   - limits: how much the connections' streams keep.
///   - options: how their sockets are set.
///   - settings: how the server is set.
///   - handler: what is run for each connection, in a task of its own. When it returns, the stream is closed, and what it
///     has written is still sent. An error that it throws ends its connection, and is told to the exception handler
///     (``Loop/setExceptionHandler(_:)``).
/// - Throws: ``IOError`` where an address cannot be had: nothing listens then.
///
/// Python: `start_server(callback, host, port)`.
@LoopActor
public func startServer(
  at addresses: [SocketAddress], limits: StreamLimits = StreamLimits(), options: SocketOptions = SocketOptions(),
  settings: ServerSettings = ServerSettings(), _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) throws -> Server {
  guard !addresses.isEmpty else {
    throw LoopError.outOfRange("the number of addresses of a server", value: 0, expected: "1 or more")
  }
  if let limit = settings.connectionLimit, limit < 1 {
    throw LoopError.outOfRange("a connection limit", value: limit, expected: "1 or more")
  }
  var listeners: [SystemTransport] = []
  do {
    for address in addresses { listeners.append(try listen(at: address, options, settings)) }
  } catch {
    for listener in listeners { listener.release() }
    throw error
  }
  return Server(listeners: listeners, limits: limits, options: options, settings: settings, handler: handler)
}

/// Starts a server at a Unix socket; see ``startServer(at:limits:options:settings:_:)``.
///
/// A socket that is left of a server that has gone is replaced; one at which somebody listens is an error. The path is
/// removed when the server is closed. Python: `start_unix_server(callback, path)`.
@LoopActor
public func startServer(
  path: String, limits: StreamLimits = StreamLimits(), options: SocketOptions = SocketOptions(),
  settings: ServerSettings = ServerSettings(), _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) throws -> Server {
  try startServer(at: [SocketAddress(path: path)], limits: limits, options: options, settings: settings, handler)
}

@LoopActor
private func listen(
  at address: SocketAddress, _ options: SocketOptions, _ settings: ServerSettings
) throws(IOError) -> SystemTransport {
  let socket = platform_socket(address.socketKind, false)
  if socket < 0 { throw IOError("listen at", address, -socket) }
  do throws(IOError) {
    try options.setBuffers(of: socket, address)
    if address.socketKind != 1 { try set(socket, PLATFORM_REUSE_ADDRESS, 1, address) }
    if settings.sharesPort { try set(socket, PLATFORM_REUSE_PORT, 1, address) }
    if address.isIPv6 { try set(socket, PLATFORM_ONLY_V6, address.isAnyIPv6 ? 0 : 1, address) }
    try bind(socket, to: address, datagrams: false, "listen at")
    let backlog = Int32(clamping: max(1, settings.backlog))
    let error = platform_listen(socket, backlog)
    if error < 0 { throw IOError("listen at", address, -error) }
  } catch {
    _ = platform_close(socket)
    throw error
  }
  return try SystemTransport(socket, .socket, peer: nil)
}

/// Gives a socket its address. A Unix socket's path that nobody uses any more is replaced.
func bind(_ socket: Int32, to address: SocketAddress, datagrams: Bool, _ operation: String) throws(IOError) {
  var system = address.system
  var error = platform_bind(socket, &system)
  if error == -EADDRINUSE, isLeftOver(address, datagrams) {
    address.removePath()
    error = platform_bind(socket, &system)
  }
  if error < 0 { throw IOError(operation, address, -error) }
}

/// Whether a Unix socket's path is a socket at which nobody is any more.
private func isLeftOver(_ address: SocketAddress, _ datagrams: Bool) -> Bool {
  guard let path = address.path, platform_is_socket_path(path) else { return false }
  let probe = platform_socket(1, datagrams)
  guard probe >= 0 else { return false }
  defer { _ = platform_close(probe) }
  var system = address.system
  return platform_connect(probe, &system) == -ECONNREFUSED
}

extension SocketAddress {
  /// Removes the file that a Unix socket is found by; does nothing with another address.
  func removePath() {
    guard let path, !path.hasPrefix("\0") else { return }
    _ = platform_unlink(Array(path.utf8), path.utf8.count)
  }

  /// Whether this is `::`, which stands for all addresses of this machine, of both kinds.
  var isAnyIPv6: Bool {
    if case .ipv6(0, 0, _) = kind { true } else { false }
  }
}
