// Streams without a system: two ends in memory, time from the loop's clock, faults from a seed.
//
// What goes wrong between two machines once in a million is what happens here all the time: bytes come one by one, or late,
// or the system answers "not now" though something is there, or "interrupted"; there is room for three bytes only. The
// streams above are the real ones, and they see nothing but the outcomes of their attempts. Everything is drawn from the
// seed, in the order of the attempts, so the same program with the same seed meets the same faults.

import Scheduler
import UAsyncIO

/// What happens to bytes between two simulated streams.
public struct StreamFaults: Hashable, Sendable {
  /// How probable it is, in percent, that a read or write moves only some of the bytes that it could.
  public var short: Int
  /// How probable it is that it moves one byte only.
  public var singleByte: Int
  /// How probable it is that it is answered "not now", though it could go on (a spurious readiness before it).
  public var notNow: Int
  /// How probable it is that it is interrupted by a signal.
  public var interrupted: Int
  /// How long bytes are under way: a time up to this one.
  public var latency: Duration
  /// How many bytes there is room for, in each direction.
  public var capacity: Int
  /// After how many bytes in one direction the connection breaks; never if nil.
  public var resetAfter: Int?

  public init(
    short: Int = 0, singleByte: Int = 0, notNow: Int = 0, interrupted: Int = 0, latency: Duration = .zero,
    capacity: Int = 65_536, resetAfter: Int? = nil
  ) {
    self.short = short
    self.singleByte = singleByte
    self.notNow = notNow
    self.interrupted = interrupted
    self.latency = latency
    self.capacity = capacity
    self.resetAfter = resetAfter
  }

  /// Nothing goes wrong.
  public static let none = StreamFaults()
  /// Everything goes wrong that a connection survives.
  public static let many = StreamFaults(
    short: 30, singleByte: 20, notNow: 15, interrupted: 10, latency: .milliseconds(5), capacity: 37)
}

/// Two streams that are connected with each other in memory, for tests of protocols: in virtual time, without a system
/// call, with faults that a seed decides.
///
/// ```swift
/// try simulateSeeds(0..<10) {
///   let (client, server) = simulatedStreams(seed: 7, faults: .many)
///   try await client.write("hello\n")
///   guard try await server.readLine() == "hello" else { throw Garbled() }
/// }
/// ```
///
/// - Parameters:
///   - seed: what the faults are drawn from.
///   - faults: what happens to the bytes.
///   - limits: how much the streams keep.
@LoopActor
public func simulatedStreams(
  seed: UInt64 = 0, faults: StreamFaults = .none, limits: StreamLimits = StreamLimits()
) -> (ByteStream, ByteStream) {
  let link = Link(seed: seed, faults: faults)
  let (one, other) = (End(link: link, side: 0), End(link: link, side: 1))
  (link.one, link.other) = (one, other)
  let transports = (StandInTransport(one), StandInTransport(other))
  (one.transport, other.transport) = transports
  return (ByteStream(transport: transports.0, limits: limits), ByteStream(transport: transports.1, limits: limits))
}

/// Bytes on their way in one direction.
private struct Lane {
  var arrived: [UInt8] = []
  var underWay: [(time: Duration, bytes: [UInt8])] = []
  var isWritingOver = false
  var endTime: Duration?
  var moved = 0
  var timer: TimerHandle?

  var load: Int { arrived.count + underWay.reduce(0) { $0 + $1.bytes.count } }
}

/// What two ends share. Touched on the loop's thread only.
@LoopActor
private final class Link {
  var random: RandomSource
  let faults: StreamFaults
  /// Lane n is read at end n.
  var lanes = [Lane(), Lane()]
  weak var one: End?
  weak var other: End?
  var isBroken = false

  init(seed: UInt64, faults: StreamFaults) {
    random = RandomSource(seed: seed)
    self.faults = faults
  }

  func end(_ side: Int) -> End? { side == 0 ? one : other }

  /// Whether nobody reads and writes at an end any more.
  func isGone(_ side: Int) -> Bool { end(side)?.isReleased != false }

  func happens(_ percent: Int) -> Bool { percent > 0 && random.next(below: 100) < percent }

  /// The error number of a fault that is drawn for an attempt, or 0.
  func fault() -> Int {
    if happens(faults.interrupted) { return 4 }
    if happens(faults.notNow) { return 11 }
    return 0
  }

  func some(of count: Int) -> Int {
    if count <= 1 { return count }
    if happens(faults.singleByte) { return 1 }
    if happens(faults.short) { return 1 + random.next(below: count) }
    return count
  }

  func delay() -> Duration {
    let most = faults.latency / .nanoseconds(1)
    return most < 1 ? .zero : .nanoseconds(random.next(below: Int(most)))
  }

  /// The time at which what is sent now arrives: never before what was sent earlier.
  func arrival(_ lane: Int) -> Duration { max(loopTime() + delay(), lanes[lane].underWay.last?.time ?? .zero) }

  func deliver(_ lane: Int) {
    lanes[lane].timer?.cancel()
    lanes[lane].timer = nil
    let now = loopTime()
    while let first = lanes[lane].underWay.first, first.time <= now {
      lanes[lane].arrived += first.bytes
      lanes[lane].underWay.removeFirst()
    }
    end(lane)?.answer(.readable)
    setTimer(lane)
  }

  func setTimer(_ lane: Int) {
    guard lanes[lane].timer == nil, !isGone(lane), !isBroken else { return }
    let next = lanes[lane].underWay.first?.time ?? lanes[lane].endTime
    guard let next, next > loopTime() else { return }
    lanes[lane].timer = getEventLoop().callAt(next) { [weak self] in self?.deliver(lane) }
  }

  func breakDown() {
    isBroken = true
    for lane in 0...1 {
      lanes[lane].timer?.cancel()
      end(lane)?.answer(.readable)
      end(lane)?.answer(.writable)
    }
  }
}

/// One end.
@LoopActor
private final class End: TransportStandIn {
  let link: Link
  let side: Int
  weak var transport: StandInTransport?
  /// Calls that end a wait though nothing has changed: the attempt before it was told "not now" without a reason.
  private var wakeUps: [Interest: TimerHandle] = [:]
  private(set) var isReleased = false

  init(link: Link, side: Int) {
    self.link = link
    self.side = side
  }

  func answer(_ interest: Interest) {
    wakeUps.removeValue(forKey: interest)?.cancel()
    transport?.answer(interest)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { link.read(side, into: buffer) }

  func write(_ bytes: UnsafeRawBufferPointer) -> Int { link.write(side, bytes) }

  func endWriting() { link.endWriting(side) }

  func reset() { link.breakDown() }

  func release() {
    isReleased = true
    for wakeUp in wakeUps.values { wakeUp.cancel() }
    link.endWriting(side)
    link.lanes[side].timer?.cancel()
    link.lanes[side].timer = nil
    // Nobody reads here any more: who writes has to be told.
    link.end(1 - side)?.answer(.writable)
  }

  func waitBegins(for interest: Interest) {
    guard interest == .readable ? link.isReadable(side) : link.isWritable(side) else { return }
    wakeUps[interest] = getEventLoop().callLater(link.delay()) { [weak self] in
      self?.answer(interest)
    }
  }

  func waitEnds(for interest: Interest) { wakeUps.removeValue(forKey: interest)?.cancel() }
}

extension Link {
  private var reset: Int { -104 }
  private var brokenPipe: Int { -32 }
  private var notNow: Int { -11 }

  func isReadable(_ side: Int) -> Bool { isBroken || !lanes[side].arrived.isEmpty || hasEnded(side) }

  private func hasEnded(_ side: Int) -> Bool {
    guard lanes[side].isWritingOver || end(1 - side) == nil, lanes[side].underWay.isEmpty else { return false }
    return loopTime() >= lanes[side].endTime ?? .zero
  }

  func isWritable(_ side: Int) -> Bool {
    isBroken || isGone(1 - side) || lanes[1 - side].load < faults.capacity
  }

  func read(_ side: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let fault = fault()
    if fault > 0 { return -fault }
    if isBroken { return reset }
    let available = lanes[side].arrived.count
    if available == 0 { return hasEnded(side) ? 0 : notNow }
    let count = some(of: min(available, buffer.count))
    buffer.copyBytes(from: lanes[side].arrived[..<count])
    lanes[side].arrived.removeFirst(count)
    end(1 - side)?.answer(.writable)
    return count
  }

  func write(_ side: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    let fault = fault()
    if fault > 0 { return -fault }
    if isBroken { return reset }
    let lane = 1 - side
    if isGone(lane) { return brokenPipe }
    let free = faults.capacity - lanes[lane].load
    if free <= 0 { return notNow }
    let count = some(of: min(free, bytes.count))
    lanes[lane].moved += count
    if let resetAfter = faults.resetAfter, lanes[lane].moved > resetAfter {
      breakDown()
      return reset
    }
    lanes[lane].underWay.append((arrival(lane), Array(bytes[..<count])))
    deliver(lane)
    return count
  }

  func endWriting(_ side: Int) {
    let lane = 1 - side
    if lanes[lane].isWritingOver { return }
    lanes[lane].isWritingOver = true
    lanes[lane].endTime = arrival(lane)
    deliver(lane)
  }
}
