import UAsyncIO

/// Opens a connection to a host, and makes it safe. Python: `open_connection(host, port, ssl=context)`.
///
/// ```swift
/// let stream = try await waitFor(30) {
///   try await openConnection(host: address.host, port: address.port, tls: context)
/// }
/// ```
///
/// The stream is used as any other. It ends when the other side says so; where only its bytes end, which anybody on the way
/// could have brought about, reading throws a ``TLSError`` of kind `cutOff`.
///
/// - Parameters:
///   - host: a name or an address.
///   - port: the port.
///   - context: whom to trust, and who one is.
///   - serverName: the name, or address, that the server's certificate must have, and that it is asked for; the host if not
///     given. Python: `server_hostname`.
///   - resolver: who turns the name into addresses.
///   - limits: how much the stream keeps.
///   - options: how its socket is set.
/// - Throws: `IOError` where no address answers; ``TLSError`` that names host, port and reason, where the handshake fails:
///   of kind `untrusted` where the certificate is not good. `CancellationError` if the coroutine is cancelled meanwhile.
///   Nothing is left open then.
@LoopActor
public func openConnection(
  host: String, port: Int, tls context: TLSClientContext, serverName: String? = nil, resolver: NameResolver = .system,
  limits: StreamLimits = StreamLimits(), options: SocketOptions = SocketOptions()
) async throws -> ByteStream {
  let plain = try await openConnection(host: host, port: port, resolver: resolver, limits: limits, options: options)
  return try await plain.startTLS(context, serverName: serverName ?? host, port: port)
}

/// Starts a server whose connections are safe. Python: `start_server(callback, host, port, ssl=context)`.
///
/// A client whose handshake fails is told to the exception handler (`Loop.setExceptionHandler`), and touches nobody else.
///
/// - Parameters:
///   - addresses: where to listen.
///   - context: who the server is, and whom it lets in.
///   - handler: what is run for each connection after its handshake.
///
/// For the others, and for what is thrown, see `startServer(at:limits:options:settings:_:)`.
@LoopActor
public func startServer(
  at addresses: [SocketAddress], tls context: TLSServerContext, limits: StreamLimits = StreamLimits(),
  options: SocketOptions = SocketOptions(), settings: ServerSettings = ServerSettings(),
  _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) throws -> Server {
  try startServer(at: addresses, limits: limits, options: options, settings: settings, safe(context, handler))
}

/// Starts a server at a host's addresses whose connections are safe; see
/// ``startServer(at:tls:limits:options:settings:_:)``.
@LoopActor
public func startServer(
  host: String? = nil, port: Int, tls context: TLSServerContext, resolver: NameResolver = .system,
  limits: StreamLimits = StreamLimits(), options: SocketOptions = SocketOptions(),
  settings: ServerSettings = ServerSettings(), _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) async throws -> Server {
  try await startServer(
    host: host, port: port, resolver: resolver, limits: limits, options: options, settings: settings,
    safe(context, handler))
}

/// A handler that shakes hands first.
private func safe(
  _ context: TLSServerContext, _ handler: @escaping @LoopActor (ByteStream) async throws -> Void
) -> @LoopActor (ByteStream) async throws -> Void {
  { plain in
    let stream = try await plain.startTLS(context)
    do {
      try await handler(stream)
    } catch is CancellationError {
      stream.abort()
      throw CancellationError()
    } catch {
      stream.close()
      do { try await stream.waitClosed() } catch { stream.abort() }
      throw error
    }
    stream.close()
    // Whoever is told that the connection has ended may rely on it that everything was sent.
    do { try await stream.waitClosed() } catch { stream.abort() }
  }
}

extension ByteStream {
  /// Makes a connection safe that is there already, as a client: where a protocol begins without TLS and agrees on it
  /// (`STARTTLS`), over a Unix socket, through a proxy. Python: `start_tls(context, server_hostname=…)`.
  ///
  /// What was written before is sent before. What was received and not read counts as the other side's part of the
  /// handshake, so nobody can slip anything in.
  ///
  /// - Parameters:
  ///   - context: whom to trust, and who one is.
  ///   - serverName: the name, or address, that the server's certificate must have, and that it is asked for.
  /// - Returns: the safe stream. This one is closed, and the connection is the other one's.
  /// - Throws: ``TLSError`` and `IOError` as ``openConnection(host:port:tls:serverName:resolver:limits:options:)``;
  ///   `StreamError` where somebody reads from this stream or waits to write; `CancellationError` if the coroutine is
  ///   cancelled meanwhile. Unless it is a `StreamError`, the connection has been closed then: what has begun cannot be
  ///   taken back.
  public func startTLS(_ context: TLSClientContext, serverName: String) async throws -> ByteStream {
    try await startTLS(context, serverName: serverName, port: peerAddress?.port)
  }

  func startTLS(_ context: TLSClientContext, serverName: String, port: Int?) async throws -> ByteStream {
    try await startTLS(within: context.handshakeLimit) { transport, early in
      try TLSLayer.client(over: transport, context, host: serverName, port: port, early: early)
    }
  }

  /// Makes a connection safe that is there already, as a server; see ``startTLS(_:serverName:)``.
  public func startTLS(_ context: TLSServerContext) async throws -> ByteStream {
    try await startTLS(within: context.handshakeLimit) { transport, early in
      try TLSLayer.server(over: transport, context, early: early)
    }
  }

  private func startTLS(
    within limit: Duration, _ make: (Transport, [UInt8]) throws -> TLSLayer
  ) async throws -> ByteStream {
    let (inner, early): (Transport, [UInt8])
    do {
      (inner, early) = try await handOver(for: "startTLS")
    } catch {
      if !(error is StreamError) { abort() }
      throw error
    }
    do {
      let layer = try make(inner, early)
      // It is released with everything below it.
      let transport = LayeredTransport(layer)
      do {
        try await layer.handshake(within: limit)
        return ByteStream(transport: transport, limits: limits)
      } catch {
        // An alert that says why is on its way, which a reset would overtake.
        layer.discardRest()
        transport.release()
        throw error
      }
    } catch {
      inner.release()
      throw error
    }
  }

  /// What the two ends have agreed on; nil of a stream without TLS.
  public var tlsSession: TLSSession? { ((transport as? LayeredTransport)?.layer as? TLSLayer)?.session }
}
