/// What some coroutines put and others get. Python: `Queue`, `LifoQueue`, `PriorityQueue`.
///
/// With a size, it makes who puts wait for who gets: producers cannot run away from consumers.
///
/// It is fair on both sides: whoever has waited longest is next, and a newcomer cannot overtake. No item is lost by a
/// cancellation: a `get` that is cancelled has taken none, and a `put` that is cancelled has left none.
///
/// ```swift
/// let jobs = Queue<Job>(maxSize: 10)
/// createTask {
///   while true {
///     let job = try await jobs.get()
///     try await work(on: job)
///     try jobs.taskDone()
///   }
/// }
/// for job in list { try await jobs.put(job) }
/// try await jobs.join()
/// ```
///
/// The items need not be `Sendable`: they stay on the loop.
@LoopActor
public final class Queue<Element> {
  @usableFromInline nonisolated let gate: QueueGate
  // Touched on the loop's thread only, once it is made; and never while it is being touched.
  @exclusivity(unchecked)
  @usableFromInline nonisolated(unsafe) var storage: QueueStorage<Element>

  /// An empty queue.
  ///
  /// - Parameters:
  ///   - maxSize: how many items the queue has room for; 0 or less is no limit.
  ///   - order: which item is next.
  public nonisolated init(maxSize: Int = 0, order: QueueOrder<Element> = .fifo) {
    gate = QueueGate(maxSize: maxSize)
    storage = QueueStorage(order: order.kind)
  }

  // MARK: - Putting

  /// Puts an item into the queue, and waits for room first if there is none. With room it does not suspend.
  ///
  /// - Throws: ``QueueShutDown`` if the queue is or has been shut down; `CancellationError` if the coroutine is cancelled
  ///   while it waits. In both cases the item is not in the queue.
  ///
  /// Python: `put(item)`.
  @inlinable @inline(__always)
  public func put(_ element: Element) async throws {
    if !gate.promiseRoom() { try await gate.waitForRoom() }
    try gate.addItem()
    storage.insert(element)
  }

  /// Puts an item into the queue if there is room for it; never suspends.
  ///
  /// Room that is kept for a coroutine that has waited for it is none.
  ///
  /// - Returns: whether the item is in the queue now.
  /// - Throws: ``QueueShutDown`` if the queue has been shut down.
  ///
  /// Python: `put_nowait(item)`.
  @inlinable
  public func tryPut(_ element: Element) throws(QueueShutDown) -> Bool {
    guard gate.promiseRoom() else {
      try gate.refuseIfShutDown()
      return false
    }
    try gate.addItem()
    storage.insert(element)
    return true
  }

  // MARK: - Getting

  /// Takes the next item, and waits until there is one. With an item there it does not suspend.
  ///
  /// - Throws: ``QueueShutDown`` if the queue has been shut down and no item is left; `CancellationError` if the coroutine
  ///   is cancelled while it waits: then it has taken nothing, and an item that was being handed to it goes to the next.
  ///
  /// Python: `get()`.
  @inlinable @inline(__always)
  public func get() async throws -> Element {
    if !gate.promiseItem() { try await gate.waitForItem() }
    try gate.takeItem()
    return storage.removeNext()
  }

  /// Takes the next item if there is one; never suspends.
  ///
  /// An item that is kept for a coroutine that has waited for it is none.
  ///
  /// - Returns: the item; nil if there is none now.
  /// - Throws: ``QueueShutDown`` if the queue has been shut down and no item is left.
  ///
  /// Python: `get_nowait()`.
  @inlinable
  public func tryGet() throws(QueueShutDown) -> Element? {
    guard gate.promiseItem() else {
      try gate.refuseIfExhausted()
      return nil
    }
    try gate.takeItem()
    return storage.removeNext()
  }

  // MARK: - Being done

  /// Says that the work on an item is done. Python: `task_done()`.
  ///
  /// - Throws: ``LoopError/tooManyDone`` if it was said for each item already.
  public func taskDone() throws(LoopError) { try gate.itemDone() }

  /// Waits until ``taskDone()`` was called for each item that was put; if so already, returns at once.
  ///
  /// - Throws: `CancellationError` if the coroutine is cancelled meanwhile. Nothing is lost by that.
  ///
  /// Python: `join()`.
  public func join() async throws { try await gate.join() }

  /// Ends the queue: nothing can be put any more, and who gets is told so when no item is left.
  ///
  /// Those who wait to put throw ``QueueShutDown``, and those who wait to get, as soon as no item is left for them.
  ///
  /// - Parameter immediate: drops the items, which count as done then. A queue that was shut down without can still be
  ///   shut down with it.
  ///
  /// Python: `shutdown(immediate)`.
  public func shutdown(immediate: Bool = false) {
    // They are let go when the queue is in order again: their end may come back here.
    var dropped: QueueStorage<Element>?
    if immediate {
      dropped = storage
      storage = QueueStorage(order: storage.order)
    }
    gate.shutDown(immediate: immediate)
    withExtendedLifetime(dropped) {}
  }

  // MARK: - How it stands

  /// How many items are in the queue, those included that are kept for coroutines that have waited. Python: `qsize()`.
  public var count: Int { gate.count }

  /// Whether no item is in the queue. Python: `empty()`.
  public var isEmpty: Bool { gate.count == 0 }

  /// Whether as many items are in the queue as it has room for. Python: `full()`.
  public var isFull: Bool { gate.isFull }

  /// How many items the queue has room for; 0 or less is no limit. Python: `maxsize`.
  public nonisolated var maxSize: Int { gate.maxSize }

  /// Whether the queue has been shut down.
  public var isShutDown: Bool { gate.isShutDown }

  /// How it stands with the queue now.
  public var statistics: QueueStatistics { gate.statistics }
}

/// A ``Queue`` has been shut down. Python: `QueueShutDown`.
public struct QueueShutDown: Error, Hashable, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "the queue has been shut down" }
}

/// How it stands with a ``Queue``.
public struct QueueStatistics: Hashable, Sendable {
  /// How many items are in the queue.
  public let count: Int
  /// How many items the queue has room for; 0 or less is no limit.
  public let maxSize: Int
  /// The most items that have been in the queue at once.
  public let highWaterMark: Int
  /// How many items were put for which ``Queue/taskDone()`` was not called.
  public let unfinished: Int
  /// How many coroutines wait for an item.
  public let getters: Int
  /// How many coroutines wait for room.
  public let putters: Int
  /// Whether the queue has been shut down.
  public let isShutDown: Bool
}
