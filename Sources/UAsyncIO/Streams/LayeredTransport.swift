/// What becomes of the bytes of a stream before another transport carries them; see `Transport` for what each is to do.
package protocol TransportLayer: AnyObject {
  /// The transport below.
  var inner: Transport { get }
  /// Whether nobody can tell when another attempt to write will be worth it.
  var mustWriteBlindly: Bool { get }
  /// See `Transport`.
  var isOwing: Bool { get }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int
  func write(_ bytes: UnsafeRawBufferPointer) -> Int
  func shutDownWriting() -> Int32
  func takeLeave() -> Int32
  func settle() -> Int32
  func error(_ operation: String, _ number: Int32) -> any Error
  /// Gives back what the layer has; it is not used any more.
  func free()
}

/// A transport upon another one.
package final class LayeredTransport: Transport, @unchecked Sendable {
  package let layer: any TransportLayer
  private var pause = 1

  package init(_ layer: any TransportLayer) {
    self.layer = layer
    super.init()
  }

  /// Left to itself the compiler makes one that calls itself.
  @available(*, unavailable)
  override init() { fatalError("a transport without a layer") }

  package override func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = layer.read(into: buffer)
    isOwing = layer.isOwing
    return count
  }

  package override func write(_ bytes: UnsafeRawBufferPointer) -> Int { layer.write(bytes) }
  package override func shutDownWriting() -> Int32 { layer.shutDownWriting() }
  package override func takeLeave() -> Int32 { layer.takeLeave() }

  package override func settle() -> Int32 {
    let error = layer.settle()
    isOwing = layer.isOwing
    return error
  }

  package override func error(_ operation: String, _ number: Int32) -> any Error { layer.error(operation, number) }

  package override var carrier: Transport { layer.inner.carrier }
  package override var canHalfClose: Bool { true }
  package override var localAddress: SocketAddress? { layer.inner.localAddress }
  package override var peerAddress: SocketAddress? { layer.inner.peerAddress }
  package override func resetOnRelease() { layer.inner.resetOnRelease() }

  package override func free() {
    layer.free()
    layer.inner.release()
  }

  package override func waitToWrite(until deadline: Int64) async throws -> Bool {
    guard layer.mustWriteBlindly else {
      pause = 1
      return try await carrier.wait(for: .writable, until: deadline)
    }
    try await sleepMs(pause)
    pause = min(100, 2 * pause)
    return LoopCore.shared.now < deadline
  }
}
