/// A growing array that its owner alone holds: no reference count, no bounds check in release builds, no copy.
///
/// `Element` must be trivial, as node pointers and timers are.
@usableFromInline
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<Element>?
  @usableFromInline var capacity: Int
  @usableFromInline var count: Int

  @usableFromInline
  init() {
    base = nil
    capacity = 0
    count = 0
  }

  @inlinable
  deinit { base?.deallocate() }

  @inlinable
  subscript(index: Int) -> Element {
    get {
      assert(index < count)
      return base.unsafelyUnwrapped[index]
    }
    set {
      assert(index < count)
      base.unsafelyUnwrapped[index] = newValue
    }
  }

  @inlinable
  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    (base.unsafelyUnwrapped + count).initialize(to: element)
    count += 1
  }

  @inlinable
  mutating func removeLast() -> Element {
    assert(count > 0)
    count -= 1
    return base.unsafelyUnwrapped[count]
  }

  #if UASYNCIO_TINY
    /// Makes room for so many elements in all.
    @inline(__always)
    mutating func reserve(_ total: Int) {
      while capacity < total { grow() }
    }
  #endif

  @usableFromInline @inline(never)
  mutating func grow() {
    let newCapacity = max(16, capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
    if let base {
      larger.update(from: base, count: count)
      base.deallocate()
    }
    base = larger
    capacity = newCapacity
  }
}
