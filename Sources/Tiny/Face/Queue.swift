// A queue promises: when something is put in while somebody waits, it is promised to the one who has waited longest,
// and nobody who comes later can take it. The same with free places. A promise to a task that is cancelled in that
// moment is passed on. So nothing is lost, and nobody overtakes.

import Scheduler

/// Values handed from coroutines to coroutines, first in, first out. Python: `Queue`.
///
/// Its room is taken from the heap when it is made, and never grows.
public final class Queue<Element> {
  private let room: UnsafeMutablePointer<Element>
  private var first = 0
  private let getters = Waitable()
  private let putters = Waitable()
  private var promisedElements = 0
  private var promisedPlaces = 0
  /// How many elements it holds. Python: `qsize()`.
  public private(set) var count = 0
  /// How many elements it can hold. Python: `maxsize`.
  public let capacity: Int

  /// An empty queue for at most `capacity` elements, at least one.
  public init(capacity: Int) {
    self.capacity = max(1, capacity)
    room = .allocate(capacity: self.capacity)
  }

  deinit {
    while count > 0 { _ = removeFirst() }
    room.deallocate()
  }

  /// Python: `empty()`.
  public var isEmpty: Bool { count == 0 }
  /// Python: `full()`.
  public var isFull: Bool { count == capacity }

  /// Puts an element in; waits for a free place if there is none.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile. Then the element is not in the queue.
  ///
  /// Python: `put(item)`.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  public nonisolated(nonsending) func put(_ element: Element) async throws(TaskError) {
    if tryPut(element) { return }
    let loop = Loop.shared
    try loop.beginWait(.waiting, in: putters.waiters)
    await park()
    let wasPromised = loop.wakeReason == .event
    if wasPromised { promisedPlaces -= 1 }
    if loop.takeCancellation() {
      if wasPromised { promisePlace() }
      throw .cancelled
    }
    append(element)
  }

  /// Takes the first element out; waits for one if there is none.
  ///
  /// - Throws: ``TaskError/cancelled`` if the coroutine is cancelled meanwhile. Then it has taken nothing.
  ///
  /// Python: `get()`.
  #if !UASYNCIO_BOARD
    @inline(__always)
  #endif
  public nonisolated(nonsending) func get() async throws(TaskError) -> Element {
    if let element = tryGet() { return element }
    let loop = Loop.shared
    try loop.beginWait(.waiting, in: getters.waiters)
    await park()
    let wasPromised = loop.wakeReason == .event
    if wasPromised { promisedElements -= 1 }
    if loop.takeCancellation() {
      if wasPromised { promiseElement() }
      throw .cancelled
    }
    return removeFirst()
  }

  /// Puts an element in, unless there is no place that nobody waits for. Python: `put_nowait(item)`.
  public func tryPut(_ element: Element) -> Bool {
    guard count + promisedPlaces < capacity else { return false }
    append(element)
    return true
  }

  /// Takes the first element out, unless there is none that nobody waits for. Python: `get_nowait()`.
  public func tryGet() -> Element? {
    guard count > promisedElements else { return nil }
    return removeFirst()
  }

  private func append(_ element: Element) {
    let last = first + count
    (room + (last < capacity ? last : last - capacity)).initialize(to: element)
    count += 1
    promiseElement()
  }

  private func removeFirst() -> Element {
    let element = (room + first).move()
    first = first + 1 == capacity ? 0 : first + 1
    count -= 1
    promisePlace()
    return element
  }

  private func promiseElement() {
    if count > promisedElements, getters.wakeFirst() { promisedElements += 1 }
  }

  private func promisePlace() {
    if count + promisedPlaces < capacity, putters.wakeFirst() { promisedPlaces += 1 }
  }
}
