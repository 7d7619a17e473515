// Who accepts, or connects, is cancelled at every point: see Sweeping.swift.

import UAsyncIO

/// Clients that each say a number and wait for it to come back.
final class Accepting: Scenario {
  private static let clients = 4
  private var answers = 0
  private var others: [LoopTask<Void>] = []
  private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
  private var served = 0

  deinit { room.deallocate() }

  private func ask(_ number: Int) async throws(TaskError) {
    for _ in 0..<number { try await sleep(0) }
    let stream = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port, bufferSize: 8)
    try await stream.write(number)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
    defer { room.deallocate() }
    require(try await stream.read(into: room) == 1 && room[0] == UInt8(48 + number), "its own answer")
    answers += 1
  }

  override func prepare() async throws(TaskError) {
    for number in 1...Self.clients {
      others.append(createTask { () throws(TaskError) in try await self.ask(number) })
    }
  }

  /// One connection, taken and answered: what was accepted is served even if that is interrupted.
  private func serve() async throws(TaskError) {
    let stream = try await listener.accept(bufferSize: 8)
    served += 1
    others.append(
      createTask { () throws(TaskError) in
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
        defer { room.deallocate() }
        let count = try await stream.read(into: room)
        try await stream.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
      })
  }

  override func victim() async throws(TaskError) { while served < Self.clients { try await serve() } }

  override func check() async throws(TaskError) {
    while served < Self.clients { try await serve() }
    for other in others { try await other.value }
    others = []
    require(answers == Self.clients, "every client is served, and each once")
  }
}

/// Connects, and says something.
final class Connecting: Scenario {
  override func victim() async throws(TaskError) {
    for _ in 0..<2 {
      let stream = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port)
      try await sleep(0)
      try await stream.write("x")
    }
  }

  override func check() async throws(TaskError) {
    // Those that were given up are there as well, and have ended; the one that comes after them is served.
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
    defer { room.deallocate() }
    let last = try await TcpStream.connect(to: (127, 0, 0, 1), port: listener.port)
    try await last.write("yes")
    var isServed = false
    while !isServed {
      let stream = try await listener.accept()
      isServed = try await stream.read(into: room) == 3
    }
  }
}
