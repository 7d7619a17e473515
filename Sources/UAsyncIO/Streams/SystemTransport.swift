import CPlatform
import CUAsyncIO
import Platform
import Scheduler

/// A transport that is a descriptor of the system's: a socket, a pipe, a terminal.
final class SystemTransport: Transport, @unchecked Sendable {
  enum Kind {
    /// A TCP connection: a read that returns less than it might have has taken all there was.
    case tcp
    /// Another socket.
    case socket
    /// A pipe or a terminal.
    case file
    /// A regular file, of which the system says that it is always ready.
    case alwaysReady
  }

  let descriptor: Int32
  let kind: Kind
  private let epoll: Epoll
  private let peer: SocketAddress?
  /// What is to be done with the descriptor at the end, instead of closing it.
  private let atEnd: ((Int32) -> Void)?

  /// Takes over a non-blocking descriptor, and has the poller watch it.
  ///
  /// - Throws: `IOError` where it cannot be watched. The descriptor is closed then.
  @LoopActor
  init(
    _ descriptor: Int32, _ kind: Kind, peer: SocketAddress?, atEnd: ((Int32) -> Void)? = nil
  ) throws(IOError) {
    let loop = LoopCore.shared
    // Its number is new: whoever waits for it waits for something that is gone.
    loop.abandonWaits(for: descriptor)
    // A loop that runs has one.
    let epoll = loop.state.pointee.epoll.unsafelyUnwrapped
    let error = epoll.attach(descriptor)
    guard error == 0 || error == EPERM else {
      if let atEnd { atEnd(descriptor) } else { _ = platform_close(descriptor) }
      throw IOError("watch descriptor \(descriptor)", peer, error)
    }
    self.descriptor = descriptor
    self.kind = error == EPERM ? .alwaysReady : kind
    self.epoll = epoll
    self.peer = peer
    self.atEnd = atEnd
    super.init()
  }

  /// Left to itself the compiler makes one that calls itself.
  @available(*, unavailable)
  override init() { fatalError("a transport without a descriptor") }

  deinit {
    if isReleased { return }
    // It was dropped without being closed. On another thread the poller's table must not be touched; it notices when the
    // number is used again.
    if uasyncio_on_loop_thread() { free() } else { close() }
  }

  override func free() {
    if kind != .alwaysReady { epoll.detach(descriptor) }
    close()
  }

  private func close() {
    if let atEnd { atEnd(descriptor) } else { _ = platform_close(descriptor) }
  }

  // MARK: - Bytes

  override func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if isReleased { return -Int(EBADF) }
    guard isWorthATry(.readable) else { return -Int(EAGAIN) }
    let count: Int
    switch kind {
    case .tcp:
      count = platform_receive(descriptor, buffer.baseAddress, buffer.count)
      if count > 0, count < buffer.count { epoll.readShort(descriptor) }
    case .socket:
      count = platform_receive(descriptor, buffer.baseAddress, buffer.count)
    case .file, .alwaysReady:
      count = platform_read(descriptor, buffer.baseAddress, buffer.count)
      // The other end of a pseudo-terminal is closed: that is how the system puts it.
      if count == -Int(EIO), platform_kind(descriptor) == Int32(UInt8(ascii: "t")) { return 0 }
    }
    if count == -Int(EAGAIN) { exhausted(.readable) }
    return count
  }

  override func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    if isReleased { return -Int(EBADF) }
    guard isWorthATry(.writable) else { return -Int(EAGAIN) }
    let count =
      switch kind {
      case .tcp, .socket: platform_send(descriptor, bytes.baseAddress, bytes.count)
      case .file, .alwaysReady: platform_write(descriptor, bytes.baseAddress, bytes.count)
      }
    if count == -Int(EAGAIN) { exhausted(.writable) }
    return count
  }

  override func shutDownWriting() -> Int32 {
    switch kind {
    case .tcp, .socket: -platform_shutdown_write(descriptor)
    case .file, .alwaysReady: EOPNOTSUPP
    }
  }

  override var canHalfClose: Bool { kind == .tcp || kind == .socket }

  override func resetOnRelease() {
    if kind == .tcp { _ = platform_set_option(descriptor, PLATFORM_RESET_ON_CLOSE, 1) }
  }

  // MARK: - Readiness

  /// Whether a system call may succeed, as far as the poller has told.
  func isWorthATry(_ interest: Interest) -> Bool {
    kind == .alwaysReady || epoll.mayBeReady(descriptor, interest)
  }

  /// Notes that a system call has answered EAGAIN.
  func exhausted(_ interest: Interest) {
    if kind != .alwaysReady { epoll.exhausted(descriptor, interest) }
  }

  override func arm(_ interest: Interest, _ node: NodePointer) -> Int32 {
    let state = LoopCore.shared.state
    guard kind != .alwaysReady, state.pointee.scheduler.pollsSystem else {
      return state.pointee.scheduler.watch(descriptor, interest, node)
    }
    let error = epoll.watchAttached(descriptor, interest, node)
    if error == 0 { state.pointee.scheduler.outsideWaits += 1 }
    return error
  }

  override func disarm(_ interest: Interest, _ node: NodePointer) {
    LoopCore.shared.state.pointee.scheduler.unwatch(descriptor, interest, node)
  }

  // MARK: - Addresses

  override var localAddress: SocketAddress? {
    var address = platform_address()
    guard !isReleased, platform_local_address(descriptor, &address) == 0 else { return nil }
    return SocketAddress(address)
  }

  override var peerAddress: SocketAddress? { peer }
}
