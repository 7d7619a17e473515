/// Which of the ready nodes is next.
///
/// A program must not depend on an order that nobody promised it. Running the same program under many seeds finds
/// out: each seed gives another order, and the same seed always the same one.
public enum Order {
  /// First in, first out.
  case fifo
  /// In each turn of the loop, the nodes that are ready run in an order drawn from the seed.
  case seeded(RandomSource)
}

/// A small, fast source of reproducible random numbers (SplitMix64).
///
/// Good for choosing an order; not for secrets.
public struct RandomSource {
  var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to but not including `bound`.
  public mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}

/// Puts the ready nodes into a random order, each order equally likely (Fisher and Yates).
struct Shuffler: ~Copyable {
  private var nodes: UnsafeMutablePointer<NodePointer>?
  private var capacity = 0

  init() {}

  deinit { nodes?.deallocate() }

  /// Shuffles `queue` and returns how many nodes it holds.
  mutating func shuffle(_ queue: inout ReadyQueue, with random: inout RandomSource) -> Int {
    var count = 0
    while let node = queue.popFirst() {
      if count == capacity { grow() }
      nodes.unsafelyUnwrapped[count] = node
      count += 1
    }
    guard let nodes else { return 0 }
    var remaining = count
    while remaining > 0 {
      let chosen = random.next(below: remaining)
      queue.append(nodes[chosen])
      remaining -= 1
      nodes[chosen] = nodes[remaining]
    }
    return count
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<NodePointer>.allocate(capacity: max(64, capacity * 2))
    if let nodes {
      larger.update(from: nodes, count: capacity)
      nodes.deallocate()
    }
    nodes = larger
    capacity = max(64, capacity * 2)
  }
}
