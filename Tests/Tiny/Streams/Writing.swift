// Who writes is cancelled at every point: see Sweeping.swift.

import UAsyncIO

/// Writes more than there is room for, to somebody who reads now and then.
final class Writing: Scenario {
  static let size = 40_000
  private let message = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3001, alignment: 1)
  private var pair: Pair?
  private var reading: LoopTask<Void>?
  private var received = 0
  private var isMessage = true
  private var marks = 0

  override init(_ listener: TcpListener) {
    super.init(listener)
    // No byte of it is the mark that follows.
    for index in message.indices { message[index] = UInt8(index % 101) }
  }

  deinit {
    message.deallocate()
    room.deallocate()
  }

  override func prepare() async throws(TaskError) {
    let pair = try await connected(listener, bufferSize: 1)
    self.pair = pair
    reading = createTask { () throws(TaskError) in
      while true {
        let count = try await pair.server.read(into: self.room)
        if count == 0 { return }
        self.take(count)
        try await sleep(0)
      }
    }
  }

  private func take(_ count: Int) {
    for index in 0..<count {
      if room[index] == UInt8(ascii: "~") {
        marks += 1
      } else {
        isMessage = isMessage && marks == 0 && room[index] == message[received]
        received += 1
      }
    }
  }

  override func victim() async throws(TaskError) {
    guard let stream = pair?.client else { return }
    try await stream.write(UnsafeRawBufferPointer(message))
    isWhole = true
    try await sleep(0)
  }

  private var isWhole = false

  override func check() async throws(TaskError) {
    try await pair?.client.write("~~")
    pair?.client.closeOutput()
    try await reading?.value
    require(isMessage && marks == 2, "a beginning of the message, and what was written after it")
    require(received == Self.size || !isWhole && received < Self.size, "all of it if the write has ended")
    pair = nil
  }
}

/// Several write to one connection, each again when it is told that it is busy: their messages stay whole.
final class WritingBeside: Scenario {
  private static let length = 7000
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3001, alignment: 1)
  private var pair: Pair?
  private var reading: LoopTask<Void>?
  private var others: [LoopTask<Void>] = []
  private var last: UInt8 = 0
  private var length = 0
  private var isWhole = true
  private var wasCancelled = false
  private var written = 0
  private var received = 0

  deinit { room.deallocate() }

  override func prepare() async throws(TaskError) {
    let pair = try await connected(listener, bufferSize: 1)
    self.pair = pair
    reading = createTask { () throws(TaskError) in
      while true {
        let count = try await pair.server.read(into: self.room)
        if count == 0 { return self.endMessage() }
        for index in 0..<count { self.take(self.room[index]) }
        try await sleep(0)
      }
    }
    for number in 1...2 {
      others.append(createTask { () throws(TaskError) in try await self.write(UInt8(number), times: 3) })
    }
  }

  /// Messages begin with a zero.
  private func take(_ byte: UInt8) {
    if byte == 0 { return endMessage() }
    isWhole = isWhole && (length == 0 || byte == last)
    last = byte
    length += 1
  }

  private func endMessage() {
    if length == Self.length { received += 1 } else { isWhole = isWhole && (length == 0 || last == 3) }
    length = 0
  }

  private func write(_ number: UInt8, times: Int) async throws(TaskError) {
    guard let stream = pair?.client else { return }
    let message = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.length + 1, alignment: 1)
    defer { message.deallocate() }
    for index in message.indices { message[index] = number }
    message[0] = 0
    var done = 0
    while done < times {
      do throws(TaskError) {
        try await stream.write(UnsafeRawBufferPointer(message))
        done += 1
        written += 1
      } catch {
        guard error == .busy else { throw error }
      }
      try await sleep(0)
    }
  }

  override func victim() async throws(TaskError) { try await write(3, times: 2) }

  override func check() async throws(TaskError) {
    for other in others { try await other.value }
    others = []
    pair?.client.closeOutput()
    try await reading?.value
    require(isWhole, "no message has another one's bytes in it")
    require(received == written, "what was written has arrived, and nothing twice")
    pair = nil
  }
}
