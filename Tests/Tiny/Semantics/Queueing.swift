import UAsyncIO

func queueTests() {
  test("with an element and with room, nobody is suspended") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 0)
    require(queue.capacity == 1, "there is one place at least")
    var other = false
    let task = createTask { () throws(TaskError) in other = true }
    try await queue.put(1)
    require(try await queue.get() == 1 && !other, "at once")
    try await task.value
  }

  test("a full queue makes who puts wait for who gets") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 2)
    var times: [Int] = []
    let producer = createTask { () throws(TaskError) in
      for number in 0..<5 {
        try await queue.put(number)
        times.append(milliseconds())
      }
    }
    for number in 0..<5 {
      try await sleep(1)
      require(try await queue.get() == number, "in order")
    }
    try await producer.value
    require(times == [0, 0, 1000, 2000, 3000], "when there was room")
  }

  test("those who wait to get are served in the order in which they came") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 3)
    let getters = (0..<3).map { _ in createTask { () throws(TaskError) in try await queue.get() } }
    try await sleep(1)
    for number in 0..<3 { try await queue.put(number) }
    require(try await gather(getters) == [0, 1, 2], "in order")
  }

  test("those who wait to put are served in the order in which they came") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 1)
    let putters = (0..<4).map { number in createTask { () throws(TaskError) in try await queue.put(number) } }
    for number in 0..<4 {
      try await sleep(1)
      require(try await queue.get() == number, "in order")
    }
    try await gather(putters)
  }

  test("an element that is kept for one who has waited is none for a newcomer") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 2)
    let waiter = createTask { () throws(TaskError) in try await queue.get() }
    try await sleep(1)
    try await queue.put(7)
    require(queue.count == 1 && queue.tryGet() == nil, "it is there, for another one")
    let newcomer = createTask { () throws(TaskError) in try await queue.get() }
    require(try await waiter.value == 7, "the one who has waited")
    try await queue.put(8)
    require(try await newcomer.value == 8, "then the newcomer")
  }

  test("room that is kept for one who has waited is none for a newcomer") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 1)
    try await queue.put(1)
    let waiter = createTask { () throws(TaskError) in try await queue.put(2) }
    try await sleep(1)
    require(try await queue.get() == 1, "the first")
    require(!queue.isFull && !queue.tryPut(3), "there is room, for another one")
    try await waiter.value
    require(try await queue.get() == 2 && queue.isEmpty && queue.tryPut(4) && queue.isFull, "then for all")
  }

  test("one that is cancelled when its element is there leaves it to the next") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 1)
    let first = createTask { () throws(TaskError) in try await queue.get() }
    let second = createTask { () throws(TaskError) in try await queue.get() }
    try await sleep(1)
    try await queue.put(7)
    first.cancel()
    require(await first.result.isCancelled, "cancelled")
    require(try await second.value == 7 && queue.isEmpty, "the next")
  }

  test("an element whose taker was cancelled stays where it was in the queue") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 3)
    let only = createTask { () throws(TaskError) in try await queue.get() }
    try await sleep(1)
    for number in 0..<3 { try await queue.put(number) }
    only.cancel()
    require(await only.result.isCancelled, "cancelled")
    for number in 0..<3 { require(queue.tryGet() == number, "in order") }
  }

  test("one that is cancelled when it has room leaves it to the next, and its element is not in the queue") {
    () throws(TaskError) in
    let queue = Queue<Int>(capacity: 1)
    try await queue.put(0)
    let putters = (1...2).map { number in createTask { () throws(TaskError) in try await queue.put(number) } }
    try await sleep(1)
    require(try await queue.get() == 0, "the first")
    putters[0].cancel()
    require(await putters[0].result.isCancelled, "cancelled")
    try await putters[1].value
    require(try await queue.get() == 2 && queue.isEmpty, "the next")
    require(queue.tryPut(3), "all its room is there")
  }

  testSeeds("an element that is there when the time limit passes is not lost") { () throws(TaskError) in
    let queue = Queue<Int>(capacity: 1)
    let putter = createTask { () throws(TaskError) in
      try await sleep(1)
      try await queue.put(7)
    }
    // Whichever comes first, the limit or the element: it is got now, or it is still there.
    var got: Int?
    do throws(TaskError) {
      got = try await waitFor(1) { () throws(TaskError) in try await queue.get() }
    } catch { require(error == .timedOut, "the limit") }
    try await putter.value
    require((got ?? queue.tryGet()) == 7 && queue.isEmpty, "once")
  }
}
