import CPlatform

/// A socket that sends and receives datagrams: UDP, or Unix datagrams. Python: `create_datagram_endpoint()`.
///
/// A datagram comes whole or not at all, and nobody says whether it came. Several coroutines may send; one receives at a
/// time.
@LoopActor
public final class DatagramSocket {
  private let transport: SystemTransport
  private var isReceiving = false
  private let local: SocketAddress

  /// The most that a datagram over IP can have, and more than one over a Unix socket usually may.
  private static let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 262_144, alignment: 16)

  fileprivate init(transport: SystemTransport, local: SocketAddress) {
    self.transport = transport
    self.local = local
  }

  private var isIPv6: Bool { local.isIPv6 }

  /// The address of this end; nil after it was closed.
  public var localAddress: SocketAddress? { transport.localAddress }

  /// The address of the other end, if there is only one.
  public var peerAddress: SocketAddress? { transport.peerAddress }

  /// The system's descriptor, to set what has no method here: it stays the socket's.
  public nonisolated var descriptor: Int32 { transport.descriptor }

  /// Waits for a datagram.
  ///
  /// - Returns: its bytes, and where it is from.
  /// - Throws: ``IOError``, with `ECONNREFUSED` where the only peer has answered that nobody is there, with `EMSGSIZE` for
  ///   a datagram of more than 262,144 bytes (which only Unix sockets have, and which is lost);
  ///   ``StreamError/closed(operation:)``, ``StreamError/inUse(operation:)``; `CancellationError` if the coroutine is
  ///   cancelled meanwhile: no datagram is lost by that.
  public func receive() async throws -> (bytes: [UInt8], from: SocketAddress) {
    if isReceiving { throw StreamError.inUse(operation: "receive") }
    isReceiving = true
    defer { isReceiving = false }
    var from = platform_address()
    var truncated = false
    while true {
      if transport.isReleased { throw StreamError.closed(operation: "receive") }
      guard transport.isWorthATry(.readable) else {
        _ = try await transport.wait(for: .readable)
        continue
      }
      let count = platform_receive_from(
        transport.descriptor, Self.block.baseAddress, Self.block.count, &from, &truncated)
      if truncated { throw IOError("receive", SocketAddress(from), EMSGSIZE) }
      if count >= 0 { return (Array(Self.block[..<count]), SocketAddress(from)) }
      switch Int32(-count) {
      case EAGAIN: transport.exhausted(.readable)
      case EINTR: continue
      case let error: throw IOError("receive", peerAddress, error)
      }
    }
  }

  /// Sends a datagram; waits where the system has no room for it.
  ///
  /// - Parameters:
  ///   - bytes: the datagram.
  ///   - address: where to; not needed where there is only one peer.
  /// - Throws: ``IOError``: with `EMSGSIZE` where it is too long, with `EDESTADDRREQ` where nobody knows where to, with
  ///   `EACCES` for a broadcast that was not allowed; ``StreamError/closed(operation:)``; `CancellationError` if the
  ///   coroutine is cancelled while it waits: nothing is sent then.
  public func send(_ bytes: [UInt8], to address: SocketAddress? = nil) async throws {
    var system = address?.system ?? platform_address()
    var pause = 1
    while true {
      if transport.isReleased { throw StreamError.closed(operation: "send") }
      let count = bytes.withUnsafeBytes { bytes in
        address == nil
          ? platform_send_to(transport.descriptor, bytes.baseAddress, bytes.count, nil)
          : platform_send_to(transport.descriptor, bytes.baseAddress, bytes.count, &system)
      }
      if count >= 0 { return }
      switch Int32(-count) {
      case EAGAIN:
        if local.socketKind == 1, peerAddress == nil {
          // It is the receiver who has no room, and the system tells only those who have a single one.
          try await sleepMs(pause)
          pause = min(100, pause * 2)
        } else {
          transport.exhausted(.writable)
          try await waitForRoom()
        }
      case EINTR: continue
      case let error: throw IOError("send to", address ?? peerAddress, error)
      }
    }
  }

  /// Sends a text as UTF-8; see ``send(_:to:)-([UInt8],_)``.
  public func send(_ text: String, to address: SocketAddress? = nil) async throws {
    try await send(Array(text.utf8), to: address)
  }

  private func waitForRoom() async throws {
    do {
      _ = try await transport.wait(for: .writable)
    } catch let error as IOError where error.errorNumber == EBUSY {
      // Another coroutine waits for the same.
      try await sleepMs(1)
    }
  }

  /// Closes the socket. Who waits for a datagram gets ``StreamError/closed(operation:)``. The path of a Unix socket is
  /// removed.
  public func close() {
    if !transport.isReleased { localAddress?.removePath() }
    transport.release()
  }

  // MARK: - Groups

  /// Receives what is sent to a group, too.
  ///
  /// - Parameters:
  ///   - group: the group's address, as `224.0.0.251` or `ff02::fb`.
  ///   - interface: the name of the network interface; the system's choice if not given.
  /// - Throws: ``IOError``.
  public func join(group: String, interface: String? = nil) throws(IOError) {
    try change(group, interface, join: true)
  }

  /// Receives no longer what is sent to a group; see ``join(group:interface:)``.
  public func leave(group: String, interface: String? = nil) throws(IOError) {
    try change(group, interface, join: false)
  }

  private func change(_ group: String, _ interface: String?, join: Bool) throws(IOError) {
    let address = try SocketAddress(ip: group, port: 0)
    var system = address.system
    let error = platform_join_group(transport.descriptor, &system, interface, join)
    if error < 0 {
      throw IOError(operation: join ? "join group" : "leave group", host: group, errorNumber: -error)
    }
  }

  /// Over how many networks what is sent to a group may go: 1 at first.
  public func setMulticastHops(_ hops: Int) throws(IOError) {
    try set(transport.descriptor, isIPv6 ? PLATFORM_MULTICAST_HOPS_6 : PLATFORM_MULTICAST_HOPS_4, hops, nil)
  }

  /// Whether this machine's members of a group receive what is sent to it here: yes at first.
  public func setMulticastLoop(_ loop: Bool) throws(IOError) {
    let option = isIPv6 ? PLATFORM_MULTICAST_LOOP_6 : PLATFORM_MULTICAST_LOOP_4
    try set(transport.descriptor, option, loop ? 1 : 0, nil)
  }

  /// Whether datagrams may be sent to all machines of a network: no at first.
  public func setBroadcast(_ broadcast: Bool) throws(IOError) {
    try set(transport.descriptor, PLATFORM_BROADCAST, broadcast ? 1 : 0, nil)
  }
}

/// Opens a socket for datagrams.
///
/// At the path of a Unix socket, one that is left of a program that has gone is replaced.
///
/// - Parameters:
///   - local: where it receives; a port of the system's choice if not given.
///   - peer: the only one that it sends to and receives from; everybody if not given.
///   - sharesPort: whether others may receive at the same port, as several members of a group on one machine do.
/// - Throws: ``IOError``; ``LoopError`` where neither address is given.
@LoopActor
public func openDatagramSocket(
  at local: SocketAddress? = nil, to peer: SocketAddress? = nil, sharesPort: Bool = false
) throws -> DatagramSocket {
  guard let some = local ?? peer else {
    throw LoopError.outOfRange("the number of addresses of a datagram socket", value: 0, expected: "1 or 2")
  }
  let socket = platform_socket(some.socketKind, true)
  if socket < 0 { throw IOError("open a socket for", some, -socket) }
  do {
    if sharesPort {
      try set(socket, PLATFORM_REUSE_ADDRESS, 1, local)
      try set(socket, PLATFORM_REUSE_PORT, 1, local)
    }
    if let local { try bind(socket, to: local, datagrams: true, "bind") }
    if let peer {
      var system = peer.system
      let error = platform_connect(socket, &system)
      if error < 0 { throw IOError("connect to", peer, -error) }
    }
  } catch {
    _ = platform_close(socket)
    throw error
  }
  return DatagramSocket(transport: try SystemTransport(socket, .socket, peer: peer), local: some)
}
