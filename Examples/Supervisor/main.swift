// A kitchen on a busy evening: cooks who are supervised, a queue of orders, limits, and a closing time.
//
//     swift run Supervisor --virtual-time       the whole evening at once
//     swift run Supervisor                      as long as it takes; Ctrl-C closes the kitchen early, and cleanly
//
// What to look at:
//   * `Kitchen.cook`: the work itself, with a lock, a limit, and a `defer` that holds whatever happens.
//   * `supervise`: what becomes of a cook who fails.
//   * `evening`: one group holds everything. When it is over, nothing is left behind, whichever way it ended.

import UAsyncIO

@LoopActor
func evening() async throws {
  let kitchen = Kitchen()
  let closing = Event()

  try await withLoopTaskGroup { group in
    for cook in ["Ada", "Bob"] {
      try group.createTask(name: cook) {
        try await supervise(cook) { try await kitchen.cook(cook) }
      }
    }

    // The guests. The queue has room for two orders; then who orders has to wait.
    try group.createTask(name: "guests") {
      let menu = [
        Order(dish: "soup", seconds: 2), Order(dish: "roast", seconds: 5),
        Order(dish: "pancakes", seconds: 1, isSlippery: true), Order(dish: "stew", seconds: 20),
        Order(dish: "bread", seconds: 3), Order(dish: "pie", seconds: 4),
      ]
      do {
        for order in menu { try await kitchen.orders.put(order) }
        say("the guests have ordered all they wanted")
        try await kitchen.orders.join()
      } catch is QueueShutDown {
        say("a guest comes too late")
      }
      closing.set()
    }

    // These two last as long as the others.
    try group.createBackgroundTask(name: "clock") {
      for try await _ in try ticker(every: .seconds(5)) {
        let queue = kitchen.orders.statistics
        say("        \(queue.count) orders wait, \(kitchen.served.count) dishes served")
      }
    }
    try group.createBackgroundTask(name: "door") {
      for try await _ in signals(.interrupt, .terminate) { closing.set() }
    }

    // Closing time: no more orders, what has been ordered is cooked, and after ten seconds everybody has to go.
    try await closing.wait()
    say("the kitchen closes")
    kitchen.orders.shutdown()
    getEventLoop().callLater(.seconds(10)) { group.cancel() }
  }

  say("served: \(kitchen.served.joined(separator: ", ")); given up: \(kitchen.givenUp.joined(separator: ", "))")
}

let inVirtualTime = CommandLine.arguments.contains("--virtual-time")
try run(clock: inVirtualTime ? .virtual : .real) { try await evening() }
