import DequeModule
import HeapModule

/// Which item of a ``Queue`` is next.
public struct QueueOrder<Element>: Sendable {
  @usableFromInline
  enum Kind: Sendable {
    case fifo
    case lifo
    case priority(@Sendable (Element, Element) -> Bool)
  }

  @usableFromInline let kind: Kind

  @inlinable
  init(_ kind: Kind) { self.kind = kind }

  /// First in, first out. Python: `Queue`.
  @inlinable
  public static var fifo: QueueOrder { QueueOrder(.fifo) }

  /// Last in, first out. Python: `LifoQueue`.
  @inlinable
  public static var lifo: QueueOrder { QueueOrder(.lifo) }

  /// The item that comes before all others; of equal ones, the one that was put first. Python: `PriorityQueue`.
  ///
  /// - Parameter comesBefore: whether the first of two items comes before the second. It must be a strict weak order, as
  ///   for sorting.
  @inlinable
  public static func priority(by comesBefore: @escaping @Sendable (Element, Element) -> Bool) -> QueueOrder {
    QueueOrder(.priority(comesBefore))
  }
}

extension QueueOrder where Element: Comparable & SendableMetatype {
  /// The least item; of equal ones, the one that was put first. Python: `PriorityQueue`.
  @inlinable
  public static var priority: QueueOrder { .priority { $0 < $1 } }
}

/// The items of a queue, in whatever order they leave it.
@usableFromInline
struct QueueStorage<Element> {
  @usableFromInline
  struct Ranked: Comparable {
    @usableFromInline let element: Element
    /// Of equal elements the one with the lower number is first.
    @usableFromInline let number: UInt64
    @usableFromInline let comesBefore: (Element, Element) -> Bool

    @inlinable
    init(_ element: Element, number: UInt64, comesBefore: @escaping (Element, Element) -> Bool) {
      self.element = element
      self.number = number
      self.comesBefore = comesBefore
    }

    @inlinable
    static func == (one: Self, other: Self) -> Bool { one.number == other.number }

    @inlinable
    static func < (one: Self, other: Self) -> Bool {
      if one.comesBefore(one.element, other.element) { return true }
      return !one.comesBefore(other.element, one.element) && one.number < other.number
    }
  }

  @usableFromInline let order: QueueOrder<Element>.Kind
  /// The items, unless they have priorities.
  @usableFromInline var items = Deque<Element>()
  /// The items, if they have priorities.
  @usableFromInline var ranked = Heap<Ranked>()
  @usableFromInline var nextNumber: UInt64 = 0

  @inlinable
  init(order: QueueOrder<Element>.Kind) { self.order = order }

  @inlinable
  mutating func insert(_ element: Element) {
    switch order {
    case .fifo, .lifo:
      items.append(element)
    case .priority(let comesBefore):
      ranked.insert(Ranked(element, number: nextNumber, comesBefore: comesBefore))
      nextNumber += 1
    }
  }

  /// Removes the next item. There must be one.
  @inlinable
  mutating func removeNext() -> Element {
    switch order {
    case .fifo: items.removeFirst()
    case .lifo: items.removeLast()
    case .priority: ranked.removeMin().element
    }
  }
}
