// A server: sockets that listen, a task for each that accepts, and a task for each connection.
//
// What can go wrong when accepting is nobody's fault here, and must not end the server: a connection that is gone before it
// is accepted is left out; where the process has no descriptors left, accepting pauses, is reported once, and goes on when
// there are some again, while the kernel keeps those who knock. A handler that throws ends its own connection.
//
// The connection limit is kept by not accepting: who comes too many waits in the kernel's queue, and costs nothing.

import CPlatform
import Scheduler

/// Accepts connections and hands each to a coroutine of its own; made with ``startServer(at:limits:options:settings:_:)``.
/// Python: `Server`.
@LoopActor
public final class Server {
  /// Where the server listens, with the ports that the system has chosen.
  public let addresses: [SocketAddress]

  private let listeners: [SystemTransport]
  private let limits: StreamLimits
  private let options: SocketOptions
  private let settings: ServerSettings
  private let handler: @LoopActor (ByteStream) async throws -> Void

  private var acceptors: [LoopTask<Void>] = []
  private var connections: [UInt64: LoopTask<Void>] = [:]
  private var tally = Tally()
  private var isClosing = false
  /// Set when a connection ends, cleared by acceptors that wait for that.
  private let connectionEnded = Event()
  private let ended = Event()

  private struct Tally {
    var accepted: UInt64 = 0
    var failed = 0
    var most = 0
  }

  init(
    listeners: [SystemTransport], limits: StreamLimits, options: SocketOptions, settings: ServerSettings,
    handler: @escaping @LoopActor (ByteStream) async throws -> Void
  ) {
    self.listeners = listeners
    self.limits = limits
    self.options = options
    self.settings = settings
    self.handler = handler
    addresses = listeners.compactMap(\.localAddress)
    for (listener, address) in zip(listeners, addresses) {
      let acceptor = createTask(name: "server at \(address)") { [self] in try await accept(from: listener) }
      // Somebody who cancels every task means this one, too: a server that accepts nobody is closed.
      acceptor.addDoneCallback { [self] _ in close() }
      acceptors.append(acceptor)
    }
  }

  /// The port of the first address; nil of a Unix socket.
  public var port: Int? { addresses.first?.port }

  /// Whether the server accepts connections. Python: `is_serving()`.
  public var isServing: Bool { !isClosing }

  /// How it stands with the server's connections now.
  public var statistics: ServerStatistics {
    ServerStatistics(
      connections: connections.count, accepted: tally.accepted, failed: tally.failed, highWaterMark: tally.most)
  }

  // MARK: - Accepting

  private func accept(from listener: SystemTransport) async throws {
    var isOutOfDescriptors = false
    var acceptedInARow = 0
    while !isClosing {
      try await waitForPlace()
      var peer = platform_address()
      let socket = listener.isWorthATry(.readable) ? platform_accept(listener.descriptor, &peer) : -EAGAIN
      switch -socket {
      case ...0:
        isOutOfDescriptors = false
        serve(socket, SocketAddress(peer))
        acceptedInARow += 1
        if acceptedInARow % 64 == 0 { try await sleep(0) }
      case EAGAIN:
        listener.exhausted(.readable)
        _ = try await listener.wait(for: .readable)
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        if !isOutOfDescriptors { report("accepting pauses", IOError("accept", listener.localAddress, -socket)) }
        isOutOfDescriptors = true
        try await sleepMs(50)
      case EBADF, EINVAL:
        return
      default:
        // This one connection is gone, or was never whole.
        try await sleep(0)
      }
    }
  }

  private func waitForPlace() async throws {
    while let most = settings.connectionLimit, connections.count >= most {
      connectionEnded.clear()
      try await connectionEnded.wait()
    }
  }

  private func serve(_ socket: Int32, _ peer: SocketAddress) {
    do {
      let isTCP = peer.socketKind == 4 || peer.socketKind == 6
      let transport = try SystemTransport(socket, isTCP ? .tcp : .socket, peer: peer)
      if isTCP { try options.apply(to: socket, peer) }
      handle(ByteStream(transport: transport, limits: limits))
    } catch {
      report("a connection from \(peer) was lost", error)
    }
  }

  private func handle(_ stream: ByteStream) {
    tally.accepted += 1
    let number = tally.accepted
    connections[number] = createTask { [self] in
      defer { connectionIsOver(number) }
      await run(stream)
    }
    tally.most = max(tally.most, connections.count)
  }

  private func run(_ stream: ByteStream) async {
    do {
      try await handler(stream)
    } catch is CancellationError {
      // The server, or somebody who cancels every task, wants an end.
      return stream.abort()
    } catch {
      tally.failed += 1
      report("the handler of a connection from \(stream.peerAddress?.description ?? "somewhere") failed", error)
    }
    stream.close()
    // Whoever is told that the connection has ended may rely on it that everything was sent.
    do { try await stream.waitClosed() } catch { stream.abort() }
  }

  private func connectionIsOver(_ number: UInt64) {
    connections[number] = nil
    connectionEnded.set()
    noteEnd()
  }

  private func report(_ message: String, _ error: any Error) {
    LoopCore.shared.report(ExceptionContext(message: message, error: error, task: currentTask()))
  }

  // MARK: - Ending

  /// Stops accepting, at once. The connections that there are go on; see ``waitClosed()`` and ``shutDown(within:)``.
  /// Python: `close()`.
  public func close() {
    if isClosing { return }
    isClosing = true
    for listener in listeners {
      let address = listener.localAddress
      listener.release()
      address?.removePath()
    }
    for acceptor in acceptors { acceptor.cancel() }
    noteEnd()
  }

  /// Cancels the handlers of all connections. They, and their connections, have ended when ``waitClosed()`` returns.
  /// Python: `close_clients()`, `abort_clients()`.
  public func cancelConnections() {
    for connection in connections.values { connection.cancel() }
  }

  /// Waits until the server is closed, and every connection has ended. Python: `wait_closed()`.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile; nothing changes for the server.
  public func waitClosed() async throws { try await ended.wait() }

  /// Closes the server, lets its handlers finish, and cancels those that have not when the time is over.
  ///
  /// - Returns: whether all finished in time.
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile: the handlers are cancelled then.
  @discardableResult
  public func shutDown(within limit: Duration) async throws -> Bool {
    close()
    do {
      if try await moveOn(after: limit, { [ended] _ in try await ended.wait() }) != nil { return true }
    } catch {
      cancelConnections()
      throw error
    }
    cancelConnections()
    try await ended.wait()
    return false
  }

  /// Waits until somebody closes the server; cancelled, it closes the server. Python: `serve_forever()`.
  public func serveForever() async throws {
    do {
      try await ended.wait()
    } catch {
      close()
      throw error
    }
  }

  private func noteEnd() {
    if isClosing, connections.isEmpty { ended.set() }
  }
}

/// How a server is set.
public struct ServerSettings: Hashable, Sendable {
  /// How many connections there may be at once; those who come too many wait. No limit if not given.
  public var connectionLimit: Int?
  /// How many that have not been accepted the system keeps: 1,024 if not given. Python: `backlog`.
  public var backlog: Int
  /// Whether several processes, or servers, may listen at the same port, and share those who come (`SO_REUSEPORT`).
  public var sharesPort: Bool

  public init(connectionLimit: Int? = nil, backlog: Int = 1024, sharesPort: Bool = false) {
    self.connectionLimit = connectionLimit
    self.backlog = backlog
    self.sharesPort = sharesPort
  }
}

/// How it stands with a ``Server``.
public struct ServerStatistics: Hashable, Sendable {
  /// How many connections there are.
  public let connections: Int
  /// How many there have been, these included.
  public let accepted: UInt64
  /// How many handlers have failed.
  public let failed: Int
  /// The most connections that there were at once.
  public let highWaterMark: Int
}
