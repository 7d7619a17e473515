import UAsyncIO

/// Two tasks hand a lock to each other: each acquisition waits.
func contendedLock(_ count: Int) throws {
  try run {
    let lock = Lock()
    try await lock.acquire()
    let partner = createTask {
      while true {
        try await lock.acquire()
        try lock.release()
      }
    }
    try await yieldNow()
    for _ in 0..<count {
      try lock.release()
      try await lock.acquire()
    }
    partner.cancel()
    _ = await partner.result
  }
}

/// Two tasks hand a permit to each other: each acquisition waits.
func contendedSemaphore(_ count: Int) throws {
  try run {
    let semaphore = try LoopSemaphore(1, bound: 1)
    try await semaphore.acquire()
    let partner = createTask {
      while true {
        try await semaphore.acquire()
        try semaphore.release()
      }
    }
    try await yieldNow()
    for _ in 0..<count {
      try semaphore.release()
      try await semaphore.acquire()
    }
    partner.cancel()
    _ = await partner.result
  }
}

/// A producer and a consumer with a queue of one item between them: each has to wait for the other, each time.
func boundedQueue(_ count: Int) throws {
  try run {
    let queue = Queue<Int>(maxSize: 1)
    let producer = createTask {
      for number in 0..<count { try await queue.put(number) }
    }
    var sum = 0
    for _ in 0..<count { sum += try await queue.get() }
    try await producer.value
    try WrongResult.check(sum, is: count * (count - 1) / 2)
  }
}

/// A lock that nobody else wants.
func freeLock(_ count: Int) throws {
  try run {
    let lock = Lock()
    for _ in 0..<count {
      try await lock.acquire()
      try lock.release()
    }
  }
}

/// A semaphore with permits enough.
func freeSemaphore(_ count: Int) throws {
  try run {
    let semaphore = try LoopSemaphore(2)
    for _ in 0..<count {
      try await semaphore.acquire()
      try semaphore.release()
    }
  }
}

/// A queue that has room when something is put, and items when something is got.
func freeQueue(_ count: Int) throws {
  try run {
    let queue = Queue<Int>(maxSize: 8)
    var sum = 0
    for number in 0..<count {
      try await queue.put(number)
      sum += try await queue.get()
    }
    try WrongResult.check(sum, is: count * (count - 1) / 2)
  }
}

/// The same where the least item is next.
func priorityQueue(_ count: Int) throws {
  try run {
    let queue = Queue<Int>(order: .priority)
    for number in 1...8 { try await queue.put(-number) }
    var sum = 0
    for number in 0..<count {
      try await queue.put(number % 16)
      sum += try await queue.get() >= 0 ? 1 : 0
    }
    try WrongResult.check(sum, is: max(0, count - 8))
  }
}

/// An event that is set already.
func setEvent(_ count: Int) throws {
  try run {
    let event = Event()
    event.set()
    for _ in 0..<count { try await event.wait() }
  }
}
