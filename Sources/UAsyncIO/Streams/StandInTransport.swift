import CUAsyncIO
import Scheduler

/// What stands in for the system: one end of a connection that exists in a test only.
@LoopActor
package protocol TransportStandIn: AnyObject {
  /// See `Transport`.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int
  func write(_ bytes: UnsafeRawBufferPointer) -> Int
  func endWriting()
  func reset()
  func release()
  func waitBegins(for interest: Interest)
  func waitEnds(for interest: Interest)
}

/// A transport whose system calls are a stand-in's.
package final class StandInTransport: Transport, @unchecked Sendable {
  private let standIn: any TransportStandIn

  package init(_ standIn: any TransportStandIn) {
    self.standIn = standIn
    super.init()
  }

  /// Left to itself the compiler makes one that calls itself.
  @available(*, unavailable)
  override init() { fatalError("a transport without a stand-in") }

  package override func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    nonisolated(unsafe) let buffer = buffer
    return onLoop { $0.read(into: buffer) }
  }

  package override func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    nonisolated(unsafe) let bytes = bytes
    return onLoop { $0.write(bytes) }
  }

  package override func shutDownWriting() -> Int32 {
    onLoop { $0.endWriting() }
    return 0
  }

  package override func resetOnRelease() { onLoop { $0.reset() } }

  package override func free() { onLoop { $0.release() } }

  package override func arm(_ interest: Interest, _ node: NodePointer) -> Int32 {
    onLoop { $0.waitBegins(for: interest) }
    return 0
  }

  package override func disarm(_ interest: Interest, _ node: NodePointer) { onLoop { $0.waitEnds(for: interest) } }

  /// Streams call their transport on the loop's thread; the type system just does not know.
  private func onLoop<Result>(_ body: @LoopActor (any TransportStandIn) -> Result) -> Result {
    precondition(uasyncio_on_loop_thread(), "not on the thread that runs the loop")
    return withoutActuallyEscaping(body) { body in
      unsafeBitCast(body, to: ((any TransportStandIn) -> Result).self)(standIn)
    }
  }
}
