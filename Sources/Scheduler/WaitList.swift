/// Nodes that wait for the same thing, in the order in which they came.
///
/// One word, so that every task can have one. The list must stay at its address while anything waits in it: each node
/// in it points back, which makes leaving from the middle (a cancellation, a time-out) as cheap as leaving in front.
public struct WaitList {
  /// The first node; its `previous` is the last one.
  @usableFromInline var first: NodePointer?

  @inlinable
  public init() { first = nil }

  @inlinable
  public var isEmpty: Bool { first == nil }

  /// The node that has waited longest.
  @inlinable
  public var front: NodePointer? { first }

  /// Adds a node to the end of `list`.
  @inlinable
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  public static func append(_ node: NodePointer, to list: UnsafeMutablePointer<WaitList>) {
    node.pointee.next = nil
    if let first = list.pointee.first {
      let last = first.pointee.previous.unsafelyUnwrapped
      last.pointee.next = node
      node.pointee.previous = last
      first.pointee.previous = node
    } else {
      list.pointee.first = node
      node.pointee.previous = node
    }
    node.pointee.list = list
  }

  #if UASYNCIO_TINY
    /// The first node, if there is no other.
    @inlinable
    public var only: NodePointer? { first?.pointee.next == nil ? first : nil }

    /// Takes out the first node of a list that has one.
    @inlinable
    static func removeFirst(of list: UnsafeMutablePointer<WaitList>) -> NodePointer {
      let node = list.pointee.first.unsafelyUnwrapped
      let next = node.pointee.next
      list.pointee.first = next
      if let next { next.pointee.previous = node.pointee.previous }
      node.pointee.list = nil
      return node
    }
  #endif

  /// Takes a node out of the list that it is in, if it is in one.
  @inlinable
  #if UASYNCIO_BOARD
    @inline(never)
  #endif
  public static func remove(_ node: NodePointer) {
    guard let list = node.pointee.list else { return }
    let next = node.pointee.next
    let previous = node.pointee.previous.unsafelyUnwrapped
    if list.pointee.first == node {
      list.pointee.first = next
      next?.pointee.previous = previous
    } else {
      previous.pointee.next = next
      (next ?? list.pointee.first.unsafelyUnwrapped).pointee.previous = previous
    }
    node.pointee.next = nil
    node.pointee.previous = nil
    node.pointee.list = nil
  }

  /// Calls `body` with each node, the one that has waited longest first.
  public func forEach(_ body: (NodePointer) -> Void) {
    var cursor = first
    while let node = cursor {
      cursor = node.pointee.next
      body(node)
    }
  }
}
