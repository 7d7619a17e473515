import CPlatform

/// Turns names into addresses.
///
/// The system's blocks, for seconds where a server does not answer; so it is asked on another thread, and a coroutine that
/// is cancelled meanwhile goes on at once.
public struct NameResolver: Sendable {
  private let lookUp: @LoopActor @Sendable (String) async throws -> [SocketAddress]

  /// A resolver of one's own: for tests, or for another way of asking.
  ///
  /// - Parameter lookUp: returns the addresses of a name, the best first; their ports do not matter.
  public init(_ lookUp: @escaping @LoopActor @Sendable (String) async throws -> [SocketAddress]) {
    self.lookUp = lookUp
  }

  /// The system's: `/etc/hosts`, DNS, and whatever else it is set up to ask (`getaddrinfo`).
  public static let system = NameResolver { host in try await askSystem(host, passive: false) }

  /// The addresses of a host with a port.
  ///
  /// - Throws: ``IOError`` that names host and port, where there is no such name, or nobody could be asked;
  ///   `CancellationError` if the coroutine is cancelled meanwhile.
  @LoopActor
  public func resolve(_ host: String, port: Int) async throws -> [SocketAddress] {
    if let address = try? SocketAddress(ip: host, port: 0) { return [try address.with(port: port)] }
    guard !host.isEmpty, !host.utf8.contains(0) else {
      throw IOError(operation: "look up", host: host, port: port, errorNumber: EINVAL)
    }
    // Before anybody is asked.
    _ = try SocketAddress(ip: "::", port: port)
    do {
      let addresses = try await lookUp(host)
      if addresses.isEmpty {
        throw IOError(operation: "look up", host: host, port: port, errorNumber: 0, reason: "the name has no address")
      }
      return try addresses.map { try $0.with(port: port) }
    } catch let error as IOError where error.port == nil {
      throw IOError(
        operation: error.operation, host: host, port: port, errorNumber: error.errorNumber, reason: error.reason)
    }
  }
}

/// Looks a name up, off the loop's thread; see ``NameResolver/resolve(_:port:)``. Python: `Loop.getaddrinfo(host, port)`.
@LoopActor
public func resolve(_ host: String, port: Int) async throws -> [SocketAddress] {
  try await NameResolver.system.resolve(host, port: port)
}

/// Look-ups that hang are given up, and their threads hang on until the system does: they take nobody else's place.
private let lookUps = ThreadLimiter(uncheckedLimit: 40)

@LoopActor
private func askSystem(_ host: String, passive: Bool) async throws -> [SocketAddress] {
  try await toThread(abandonsOnCancel: true, limiter: lookUps) {
    let capacity = 64
    return try withUnsafeTemporaryAllocation(of: platform_address.self, capacity: capacity) { addresses in
      var systemError: Int32 = 0
      let count = platform_look_up(host, 0, passive, addresses.baseAddress, Int32(capacity), &systemError)
      guard count >= 0 else {
        // EAI_SYSTEM: the reason is the system's.
        let isSystem = count == -11
        throw IOError(
          operation: "look up", host: host, errorNumber: isSystem ? systemError : 0,
          reason: isSystem ? nil : String(cString: platform_look_up_text(count)))
      }
      return addresses[..<Int(count)].map { SocketAddress($0) }
    }
  }
}

// MARK: - By name

/// Opens a connection to a host. Python: `open_connection(host, port)`.
///
/// Where the host has several addresses they are tried one after the other, a new one each 250 ms, IPv6 and IPv4 in turns,
/// and the first that answers is taken (RFC 8305): an address that does not answer costs a quarter of a second, not
/// minutes.
///
/// - Parameters:
///   - host: a name or an address.
///   - port: the port.
///   - resolver: who turns the name into addresses.
///   - limits: how much the stream keeps.
///   - options: how its socket is set.
/// - Throws: ``IOError`` that names host and port, where no address answers, or the name has none; `CancellationError` if
///   the coroutine is cancelled meanwhile: nothing is left open then. For a time limit there is `waitFor`.
@LoopActor
public func openConnection(
  host: String, port: Int, resolver: NameResolver = .system, limits: StreamLimits = StreamLimits(),
  options: SocketOptions = SocketOptions()
) async throws -> ByteStream {
  let addresses = try await resolver.resolve(host, port: port)
  do {
    return try await race(addresses) { address in
      try await openConnection(to: address, limits: limits, options: options)
    } discard: { stream in
      stream.abort()
    }
  } catch let error as IOError {
    // The program knows the name; which of its addresses it was says the reason.
    let reason = addresses.count == 1 ? error.reason : "\(error.reason) (at \(addresses.count) addresses)"
    throw IOError(operation: "connect to", host: host, port: port, errorNumber: error.errorNumber, reason: reason)
  }
}

/// Starts a server at a host's addresses; see ``startServer(at:limits:options:settings:_:)``.
/// Python: `start_server(callback, host, port)`.
///
/// - Parameters:
///   - host: a name or an address of this machine; all of its addresses, of both kinds, if not given.
///   - port: the port; with 0 the system chooses one for each address.
///   - resolver: who turns the name into addresses.
///   - limits: how much the connections' streams keep.
///   - options: how their sockets are set.
///   - settings: how the server is set.
///   - handler: what is done with each connection, as a task of its own.
@LoopActor
public func startServer(
  host: String? = nil, port: Int, resolver: NameResolver = .system, limits: StreamLimits = StreamLimits(),
  options: SocketOptions = SocketOptions(), settings: ServerSettings = ServerSettings(),
  _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) async throws -> Server {
  if let host {
    let addresses = try await resolver.resolve(host, port: port)
    return try startServer(at: addresses, limits: limits, options: options, settings: settings, handler)
  }
  do {
    let everywhere = try SocketAddress(ip: "::", port: port)
    return try startServer(at: [everywhere], limits: limits, options: options, settings: settings, handler)
  } catch let error as IOError where error.errorNumber == EAFNOSUPPORT || error.errorNumber == EADDRNOTAVAIL {
    // A machine without IPv6.
    let everywhere = try SocketAddress(ip: "0.0.0.0", port: port)
    return try startServer(at: [everywhere], limits: limits, options: options, settings: settings, handler)
  }
}

/// Opens a socket for datagrams to one host; see ``openDatagramSocket(at:to:sharesPort:)``.
@LoopActor
public func openDatagramSocket(
  host: String, port: Int, resolver: NameResolver = .system
) async throws -> DatagramSocket {
  try openDatagramSocket(to: try await resolver.resolve(host, port: port)[0])
}
