import Synchronization

/// A number that tasks on several threads change.
final class Counter: Sendable {
  private let number: Atomic<Int>

  init(_ number: Int = 0) { self.number = Atomic(number) }

  var value: Int { number.load(ordering: .relaxed) }

  func clear() { number.store(0, ordering: .relaxed) }

  /// Adds one, or another number. Returns the sum.
  @discardableResult
  func add(_ more: Int = 1) -> Int { number.add(more, ordering: .relaxed).newValue }
}
