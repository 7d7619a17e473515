import UAsyncIO

struct Order {
  let dish: String
  /// Seconds it takes to cook.
  let seconds: Double
  /// The cook who begins it drops the pan.
  var isSlippery = false
}

struct DroppedPan: Error {}

/// Plain state, shared by all cooks: between two awaits nobody else runs.
@LoopActor
final class Kitchen {
  let orders = Queue<Order>(maxSize: 2)
  private let oven = Lock()
  private(set) var served: [String] = []
  private(set) var givenUp: [String] = []

  /// What one cook does until the kitchen closes, or something goes wrong.
  func cook(_ cook: String) async throws {
    while true {
      let order = try await orders.get()
      // Whatever becomes of it, the order is off the list then.
      defer { try? orders.taskDone() }
      say("\(cook) begins \(order.dish)")
      if order.isSlippery { throw DroppedPan() }
      let isDone: Void? = try await moveOn(after: .seconds(6)) { _ in
        try await sleep(order.seconds / 2)
        try await self.oven.withLock { try await sleep(order.seconds / 2) }
      }
      if isDone == nil {
        givenUp.append(order.dish)
        say("\(cook) gives \(order.dish) up: it takes too long")
      } else {
        served.append(order.dish)
        say("\(cook) serves \(order.dish)")
      }
    }
  }
}

@LoopActor
func say(_ text: String) {
  let tenths = Int(loopTime() / .milliseconds(100))
  print("\(tenths / 10).\(tenths % 10)  \(text)")
}
