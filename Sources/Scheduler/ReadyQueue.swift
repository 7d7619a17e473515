/// The nodes that may run now, first in, first out.
///
/// Linked through the nodes themselves: adding and taking are a few instructions and never allocate.
public struct ReadyQueue: ~Copyable {
  @usableFromInline var first: NodePointer?
  /// The last one, if there is a first one.
  @usableFromInline var last: NodePointer?

  @inlinable
  public init() {}

  @inlinable
  public var isEmpty: Bool { first == nil }

  /// The node that is next.
  @inlinable
  public var front: NodePointer? { first }

  @inlinable
  public mutating func append(_ node: NodePointer) {
    node.pointee.next = nil
    append(new: node)
  }

  /// The same for a node that no other has followed yet.
  @inlinable
  mutating func append(new node: NodePointer) {
    if first == nil {
      first = node
    } else {
      last.unsafelyUnwrapped.pointee.next = node
    }
    last = node
  }

  @inlinable
  public mutating func popFirst() -> NodePointer? {
    guard let node = first else { return nil }
    first = node.pointee.next
    return node
  }

  /// Calls `body` with each node, the first one first.
  public borrowing func forEach(_ body: (NodePointer) -> Void) {
    var cursor = first
    while let node = cursor {
      cursor = node.pointee.next
      body(node)
    }
  }
}
