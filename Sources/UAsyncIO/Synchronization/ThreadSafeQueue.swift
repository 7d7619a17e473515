// A queue from other threads to the loop.
//
// It is two: the *arrivals*, which threads fill behind a lock, and the *stock* on the loop, which belongs to its thread as
// everything there does. Who gets takes from the stock, without a lock, and only when that is empty takes in all that has
// arrived. So a thread pays for a lock and the room for its item, and the loop for next to nothing.
//
// A thread need not wake the loop unless somebody waits there. Who is about to wait says so under the lock that tells it
// that nothing has arrived (`isAwaited`); whoever puts next takes that back and sends the loop to take in what there is. It
// may do so in vain, for the one who waited may have been cancelled, or have been served by a newcomer's taking in.
//
// Never: touch the arrivals without the lock, or the stock and its gate but on the loop's thread.

import CUAsyncIO
import Scheduler

/// A queue that any thread puts items into, and coroutines get them out of. micropython-async: `ThreadSafeQueue`.
///
/// For what a thread has to hand over again and again: a driver's readings, the messages of a C library's callback. There is
/// an example in <doc:TheOutsideWorld>.
///
/// With a size, it makes threads wait that are faster than the loop. Whoever has waited longest for an item is next;
/// threads that wait for room go on in any order. No item is lost by a cancellation.
///
/// In virtual time nothing waits for a thread that might put something: the clock jumps when all coroutines wait. Threads
/// for which it is worth waiting are those of ``toThread(abandonsOnCancel:limiter:_:)``; while such a one waits for room, time
/// passes.
public final class ThreadSafeQueue<Element: Sendable>: Sendable {
  @usableFromInline let gate: ThreadGate
  // Touched with the gate locked.
  @exclusivity(unchecked) @usableFromInline nonisolated(unsafe) var arrivals = Batch<Element>()
  // Touched on the loop's thread only.
  @exclusivity(unchecked) @usableFromInline nonisolated(unsafe) var stock = Batch<Element>()
  /// How many items the stock had when it was filled.
  @exclusivity(unchecked) private nonisolated(unsafe) var stockSize = 0

  /// An empty queue.
  ///
  /// - Parameter maxSize: how many items the queue has room for; 0 or less is no limit.
  public init(maxSize: Int = 0) { gate = ThreadGate(maxSize: maxSize) }

  // MARK: - Putting, on any thread

  /// Puts an item into the queue; a thread that finds no room waits for it.
  ///
  /// - Throws: ``QueueShutDown`` if the queue is or has been shut down; ``LoopError/wouldBlockTheLoop`` if there is no room
  ///   and this is the loop's own thread, which would wait for itself. In both cases the item is not in the queue.
  ///
  /// micropython-async: `put_sync(item, block=True)`.
  @inlinable
  public func put(_ element: Element) throws {
    try gate.enter()
    arrivals.append(element)
    if gate.leave() { announce() }
  }

  /// Puts an item into the queue if there is room for it; never waits.
  ///
  /// - Returns: whether the item is in the queue now.
  /// - Throws: ``QueueShutDown`` if the queue has been shut down.
  ///
  /// micropython-async: `put_sync(item)`.
  @inlinable
  public func tryPut(_ element: Element) throws(QueueShutDown) -> Bool {
    guard try gate.tryEnter() else { return false }
    arrivals.append(element)
    if gate.leave() { announce() }
    return true
  }

  /// Ends the queue: nothing can be put any more, and who gets is told so when no item is left.
  ///
  /// Threads that wait to put throw ``QueueShutDown``, and so do coroutines that wait to get, as soon as no item is left for
  /// them. May be called on any thread.
  ///
  /// - Parameter immediate: drops the items. A queue that was shut down without can still be shut down with it.
  public func shutdown(immediate: Bool = false) {
    gate.lock()
    gate.shutDown(immediate: immediate)
    gate.unlock()
    announce()
  }

  // MARK: - Getting, on the loop

  /// Takes the next item, and waits until there is one. With an item there it does not suspend.
  ///
  /// - Throws: ``QueueShutDown`` if the queue has been shut down and no item is left; `CancellationError` if the coroutine
  ///   is cancelled while it waits: then it has taken nothing, and an item that was being handed to it goes to the next.
  ///
  /// micropython-async: `get()`.
  @inlinable @inline(__always)
  public nonisolated(nonsending) func get() async throws -> Element {
    if !gate.takeItemAtOnce(), !takeInAndTakeItem() {
      guard try gate.beginWaitForItem() else { return try await getFromElsewhere() }
      await park()
      try gate.endWaitForItem()
    }
    return removeNext()
  }

  /// The long way, for callers that are not tasks of ours, and for those that have been cancelled already.
  @LoopActor @usableFromInline
  func getFromElsewhere() async throws -> Element {
    if !takeInAndTakeItem() {
      try await gate.stock.waitForItem()
      try gate.stock.takeItem()
    }
    return removeNext()
  }

  /// Takes the next item if there is one; never suspends.
  ///
  /// An item that is kept for a coroutine that has waited for it is none.
  ///
  /// - Returns: the item; nil if there is none now.
  /// - Throws: ``QueueShutDown`` if the queue has been shut down and no item is left.
  ///
  /// micropython-async: `get_sync()`.
  @LoopActor @inlinable
  public func tryGet() throws(QueueShutDown) -> Element? {
    guard gate.takeItemAtOnce() || takeInAndTakeItem() else {
      try gate.refuseIfExhausted()
      return nil
    }
    return removeNext()
  }

  @inlinable @inline(__always)
  func removeNext() -> Element {
    let element = stock.popFirst().unsafelyUnwrapped
    if gate.maxSize > 0 { gate.makeRoom() }
    return element
  }

  // MARK: - How it stands

  /// How many items are in the queue, those included that are kept for coroutines that have waited. micropython-async: `qsize()`.
  @LoopActor public var count: Int {
    gate.lock()
    defer { gate.unlock() }
    return gate.stock.count + arrivals.count
  }

  /// How many items the queue has room for; 0 or less is no limit.
  public var maxSize: Int { gate.maxSize }

  /// Whether the queue has been shut down. May be asked on any thread.
  public var isShutDown: Bool {
    gate.lock()
    defer { gate.unlock() }
    return gate.isShutDown
  }

  // MARK: - From the arrivals to the stock

  /// Has the loop look at what has arrived.
  @usableFromInline
  func announce() {
    if uasyncio_on_loop_thread() {
      takeIn()
    } else {
      LoopCore.shared.send(Call { self.takeIn() })
    }
  }

  @usableFromInline
  func takeInAndTakeItem() -> Bool {
    guard uasyncio_on_loop_thread() else { return false }
    takeIn()
    return gate.takeItemAtOnce()
  }

  /// Takes in what has arrived, and lets those go on who wait for it.
  private func takeIn() {
    gate.lock()
    let count = arrivals.count
    if stock.isEmpty {
      swap(&stock, &arrivals)
      arrivals.noteEmptied(of: stockSize)
      stockSize = count
    } else {
      while let element = arrivals.popFirst() { stock.append(element) }
      arrivals.noteEmptied(of: count)
      stockSize += count
    }
    // They are let go when the queue is in order again: their end may come back here.
    var dropped: Batch<Element>?
    if gate.isDropping {
      dropped = stock
      stock = Batch()
    }
    let looking = gate.tookIn(count)
    gate.unlock()
    withExtendedLifetime((dropped, looking)) {}
  }
}

/// Who may put and who may get: the part of such a queue that knows nothing of its items.
@usableFromInline
final class ThreadGate: Sendable {
  @usableFromInline let maxSize: Int
  /// That of the stock, on the loop.
  let stock = QueueGate(maxSize: 0)
  private nonisolated(unsafe) let monitor = uasyncio_monitor_create()

  // Behind the lock.

  /// How many items are in the queue; counted if there is a limit.
  @exclusivity(unchecked) private nonisolated(unsafe) var count = 0
  /// Whether the loop is to be told when something arrives.
  @exclusivity(unchecked) private nonisolated(unsafe) var isAwaited = false
  @exclusivity(unchecked) private(set) nonisolated(unsafe) var isShutDown = false
  /// Whether the items are dropped.
  @exclusivity(unchecked) private(set) nonisolated(unsafe) var isDropping = false
  /// The work of those threads that wait for room.
  @exclusivity(unchecked) private nonisolated(unsafe) var waiting: [ThreadWork] = []

  init(maxSize: Int) { self.maxSize = maxSize }

  deinit { uasyncio_monitor_destroy(monitor) }

  func lock() { uasyncio_monitor_lock(monitor) }
  func unlock() { uasyncio_monitor_unlock(monitor) }

  // MARK: - Putting

  private var isFull: Bool { maxSize > 0 && count >= maxSize }

  /// Takes the lock, for an item to be put, when there is room. Without error it is followed by `leave`.
  @usableFromInline
  func enter() throws {
    lock()
    do {
      while !isShutDown, isFull { try waitForRoom() }
      if isShutDown { throw QueueShutDown() }
    } catch {
      unlock()
      throw error
    }
  }

  /// The same if there is room now.
  @usableFromInline
  func tryEnter() throws(QueueShutDown) -> Bool {
    lock()
    if !isShutDown, !isFull { return true }
    let isShutDown = isShutDown
    unlock()
    if isShutDown { throw QueueShutDown() }
    return false
  }

  /// The item is there. Returns whether the loop is to be told.
  @usableFromInline
  func leave() -> Bool {
    if maxSize > 0 { count += 1 }
    let wasAwaited = isAwaited
    isAwaited = false
    unlock()
    return wasAwaited
  }

  /// Waits for a change. If what this thread does holds virtual time, that may pass meanwhile.
  private func waitForRoom() throws {
    if uasyncio_on_loop_thread() { throw LoopError.wouldBlockTheLoop }
    if let work = ThreadWork.current, !waiting.contains(where: { $0 === work }) {
      waiting.append(work)
      LoopCore.shared.send(Call { self.pauseHold(of: work) })
    }
    _ = uasyncio_monitor_wait(monitor, -1)
  }

  /// By now it may have found room.
  private func pauseHold(of work: ThreadWork) {
    lock()
    defer { unlock() }
    if waiting.contains(where: { $0 === work }) { work.pauseHold() }
  }

  // MARK: - Getting, on the loop

  // The same as those of the stock: whoever is inlined into his caller would have to keep that alive himself.

  @usableFromInline
  func takeItemAtOnce() -> Bool { stock.takeItemAtOnce() }

  @usableFromInline
  func beginWaitForItem() throws -> Bool { try stock.beginWaitForItem() }

  @usableFromInline
  func endWaitForItem() throws { try stock.endWaitForItem() }

  @usableFromInline
  func refuseIfExhausted() throws(QueueShutDown) { try stock.refuseIfExhausted() }

  /// An item has been taken out.
  @usableFromInline
  func makeRoom() {
    lock()
    count -= 1
    let looking = letThreadsLook()
    unlock()
    withExtendedLifetime(looking) {}
  }

  /// All look, and who finds no room waits anew. Returns the work of those who waited, to be let go when the lock is open
  /// again: where nobody waits for it any more it ends with that, and its result's end may come back here.
  private func letThreadsLook() -> [ThreadWork] {
    uasyncio_monitor_notify_all(monitor)
    if waiting.isEmpty { return [] }
    let looking = waiting
    waiting = []
    for work in looking { work.resumeHold() }
    return looking
  }

  /// So many items have been taken in, or all have been dropped. Returns what is to be let go when the lock is open again.
  func tookIn(_ number: Int) -> [ThreadWork] {
    stock.noteItems(number)
    var looking: [ThreadWork] = []
    if isShutDown {
      stock.shutDown(immediate: isDropping)
      looking = letThreadsLook()
    }
    isAwaited = !stock.hasItem
    return looking
  }

  // MARK: - The end

  func shutDown(immediate: Bool) {
    isShutDown = true
    if immediate { isDropping = true }
    uasyncio_monitor_notify_all(monitor)
  }
}
