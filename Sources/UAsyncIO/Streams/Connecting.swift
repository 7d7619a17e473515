import CPlatform
import Scheduler

/// Opens a connection to a Unix socket. Python: `open_unix_connection(path)`.
///
/// - Throws: ``IOError`` where nobody listens there; `CancellationError` if the coroutine is cancelled meanwhile: nothing
///   is left open then.
@LoopActor
public func openConnection(
  path: String, limits: StreamLimits = StreamLimits(), options: SocketOptions = SocketOptions()
) async throws -> ByteStream {
  try await openConnection(to: SocketAddress(path: path), limits: limits, options: options)
}

/// Opens a connection to an address.
///
/// - Parameters:
///   - address: where to.
///   - local: the address that this end is to have; the system's choice if not given.
///   - limits: how much the stream keeps.
///   - options: how its socket is set.
/// - Throws: ``IOError`` where nobody listens there, or nothing can be reached there; `CancellationError` if the coroutine
///   is cancelled meanwhile: nothing is left open then. How long the system tries (two minutes and more) is for `waitFor`
///   to limit.
///
/// Python: `open_connection(sock=…)`.
@LoopActor
public func openConnection(
  to address: SocketAddress, from local: SocketAddress? = nil, limits: StreamLimits = StreamLimits(),
  options: SocketOptions = SocketOptions()
) async throws -> ByteStream {
  let transport = try openSocket(for: address, from: local, options: options)
  do {
    try await connect(transport, to: address)
    if transport.kind == .tcp { try options.apply(to: transport.descriptor, address) }
    return ByteStream(transport: transport, limits: limits)
  } catch {
    transport.release()
    throw error
  }
}

/// Two streams that are connected with each other, within this process. Python: `socket.socketpair()`.
///
/// - Throws: ``IOError`` where there are no descriptors left.
@LoopActor
public func openStreamPair(limits: StreamLimits = StreamLimits()) throws(IOError) -> (ByteStream, ByteStream) {
  var ends: (Int32, Int32) = (0, 0)
  let error = withUnsafeMutablePointer(to: &ends) { ends in
    ends.withMemoryRebound(to: Int32.self, capacity: 2) { platform_socket_pair($0) }
  }
  if error < 0 { throw IOError("socketpair", nil, -error) }
  let first: SystemTransport
  do throws(IOError) {
    first = try SystemTransport(ends.0, .socket, peer: nil)
  } catch {
    _ = platform_close(ends.1)
    throw error
  }
  let second = try SystemTransport(ends.1, .socket, peer: nil)
  return (ByteStream(transport: first, limits: limits), ByteStream(transport: second, limits: limits))
}

@LoopActor
private func openSocket(
  for address: SocketAddress, from local: SocketAddress?, options: SocketOptions
) throws(IOError) -> SystemTransport {
  let socket = platform_socket(address.socketKind, false)
  if socket < 0 { throw IOError("connect to", address, -socket) }
  do throws(IOError) {
    try options.setBuffers(of: socket, address)
    if let local {
      var system = local.system
      let error = platform_bind(socket, &system)
      if error < 0 { throw IOError("bind", local, -error) }
    }
  } catch {
    _ = platform_close(socket)
    throw error
  }
  return try SystemTransport(socket, address.socketKind == 1 ? .socket : .tcp, peer: address)
}

@LoopActor
private func connect(_ transport: SystemTransport, to address: SocketAddress) async throws {
  var system = address.system
  var pause = 1
  while true {
    switch -platform_connect(transport.descriptor, &system) {
    case 0: return
    case EINTR, EINPROGRESS: return try await connection(transport, to: address)
    case EAGAIN where transport.kind == .socket:
      // A Unix socket whose listener has too many to accept. The system does not tell when that changes.
      try await sleepMs(pause)
      pause = min(100, pause * 2)
    case let error: throw IOError("connect to", address, error)
    }
  }
}

/// Waits for the outcome of a connection attempt that is going on.
@LoopActor
private func connection(_ transport: SystemTransport, to address: SocketAddress) async throws {
  var peer = platform_address()
  while true {
    transport.exhausted(.writable)
    _ = try await transport.wait(for: .writable)
    let error = platform_socket_error(transport.descriptor)
    if error != 0 { throw IOError("connect to", address, error) }
    if platform_peer_address(transport.descriptor, &peer) == 0 { return }
  }
}
