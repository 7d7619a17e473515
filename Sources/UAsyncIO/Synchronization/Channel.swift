/// A sequence that some coroutines send to while others iterate over it. trio: `open_memory_channel`.
///
/// It has room for a few elements only, and who sends waits for room: so a fast sender is held back by slow receivers.
/// Several may iterate over the same channel; each element goes to one of them, and whoever has waited longest is next.
///
/// ```swift
/// let lines = try Channel<String>(capacity: 16)
/// createTask {
///   for line in text { try await lines.send(line) }
///   lines.finish()
/// }
/// for try await line in lines { print(line) }
/// ```
///
/// The iteration ends when the channel is finished and no element is left. A channel that nobody finishes leaves those
/// who iterate over it waiting.
///
/// The elements need not be `Sendable`: with `for try await` they stay on the loop. The standard library's algorithms for
/// asynchronous sequences (`map`, `reduce`, …) may run elsewhere: use them for elements that are `Sendable`.
@LoopActor
public final class Channel<Element> {
  @usableFromInline nonisolated let queue: Queue<Element>
  private var failure: (any Error)?

  /// A channel without elements.
  ///
  /// - Parameter capacity: how many elements can be in it.
  /// - Throws: ``LoopError/outOfRange(_:value:expected:)`` if that is less than 1.
  public nonisolated init(capacity: Int = 1) throws(LoopError) {
    if capacity < 1 { throw .outOfRange("a channel's capacity", value: capacity, expected: "1 or more") }
    queue = Queue(maxSize: capacity)
  }

  // MARK: - Sending

  /// Sends an element, and waits for room first if there is none. With room it does not suspend.
  ///
  /// - Throws: ``ChannelFinished`` if the channel is or has been finished; `CancellationError` if the coroutine is
  ///   cancelled while it waits. In both cases the element is not in the channel.
  @inlinable @inline(__always)
  public func send(_ element: Element) async throws {
    do {
      try await queue.put(element)
    } catch is QueueShutDown {
      throw ChannelFinished()
    }
  }

  /// Sends an element if there is room for it; never suspends.
  ///
  /// - Returns: whether the element is in the channel now.
  /// - Throws: ``ChannelFinished`` if the channel has been finished.
  @inlinable
  public func trySend(_ element: Element) throws(ChannelFinished) -> Bool {
    do {
      return try queue.tryPut(element)
    } catch {
      throw ChannelFinished()
    }
  }

  /// Ends the channel: what is in it is still received, and then every iteration ends.
  ///
  /// Those who wait to send throw ``ChannelFinished``. A channel that has been finished stays as it is.
  public func finish() { queue.shutdown() }

  /// Ends the channel with an error: what is in it is still received, and then every iteration throws the error.
  ///
  /// Those who wait to send throw ``ChannelFinished``. A channel that has been finished stays as it is.
  public func fail(with error: any Error) {
    if queue.isShutDown { return }
    failure = error
    queue.shutdown()
  }

  // MARK: - How it stands

  /// How many elements can be in the channel.
  public nonisolated var capacity: Int { queue.maxSize }

  /// How many elements are in the channel.
  public var count: Int { queue.count }

  /// Whether the channel has been finished, with or without an error. Elements may still be in it.
  public var isFinished: Bool { queue.isShutDown }

  /// How it stands with the channel now.
  public var statistics: ChannelStatistics {
    let queue = queue.statistics
    return ChannelStatistics(
      count: queue.count, capacity: queue.maxSize, highWaterMark: queue.highWaterMark, senders: queue.putters,
      receivers: queue.getters, isFinished: queue.isShutDown)
  }

  /// What the iterations end with: an error, or nothing more.
  @usableFromInline
  func ending() throws { if let failure { throw failure } }
}

// MARK: - Receiving

extension Channel: @LoopActor AsyncSequence {
  /// One iteration over a ``Channel``.
  @LoopActor
  public struct Iterator: @LoopActor AsyncIteratorProtocol {
    @usableFromInline let channel: Channel
    @usableFromInline var isOver = false

    init(_ channel: Channel) { self.channel = channel }

    /// Takes the next element, and waits until there is one. With an element there it does not suspend.
    ///
    /// - Returns: the element; nil if the channel is finished and no element is left, or has thrown its error here.
    /// - Throws: the error that the channel was finished with, once in each iteration; `CancellationError` if the coroutine
    ///   is cancelled while it waits: then it has taken nothing, and an element that was being handed to it goes to the
    ///   next.
    @inlinable @inline(__always)
    public mutating func next() async throws -> Element? {
      if isOver { return nil }
      do {
        return try await channel.queue.get()
      } catch is QueueShutDown {
        isOver = true
        try channel.ending()
        return nil
      }
    }
  }

  /// Begins an iteration, which takes what no other has taken.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

/// A ``Channel`` has been finished: nothing can be sent to it any more. trio: `ClosedResourceError`.
public struct ChannelFinished: Error, Hashable, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "the channel has been finished" }
}

/// How it stands with a ``Channel``.
public struct ChannelStatistics: Hashable, Sendable {
  /// How many elements are in the channel.
  public let count: Int
  /// How many elements can be in it.
  public let capacity: Int
  /// The most elements that have been in it at once.
  public let highWaterMark: Int
  /// How many coroutines wait for room.
  public let senders: Int
  /// How many coroutines wait for an element.
  public let receivers: Int
  /// Whether the channel has been finished.
  public let isFinished: Bool
}
