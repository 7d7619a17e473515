import DequeModule

/// A queue that is filled for a while and then emptied as a whole, again and again.
///
/// Its storage is kept from one time to the next, so warm it allocates nothing. But the memory that many took is not kept
/// for a few: when little of it has been used for many times, it is given back.
@usableFromInline
struct Batch<Element> {
  @usableFromInline var elements = Deque<Element>()
  /// The most elements that this storage was emptied of.
  private var largest = 0
  /// How often in a row it has been emptied of much less.
  private var timesSmall = 0

  init() {}

  @usableFromInline var isEmpty: Bool { elements.isEmpty }
  var count: Int { elements.count }

  @inlinable @inline(__always)
  mutating func append(_ element: consuming Element) { elements.append(element) }

  @inlinable @inline(__always)
  mutating func popFirst() -> Element? { elements.popFirst() }

  /// Says that the batch has been emptied of so many elements: by and by it gives storage back.
  mutating func noteEmptied(of count: Int) {
    largest = max(largest, count)
    timesSmall = count < largest / 8 ? timesSmall + 1 : 0
    if timesSmall >= 256, largest >= 1024, elements.isEmpty { self = Batch() }
  }
}
