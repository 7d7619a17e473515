// A server that sends back what it gets, as a static Linux program.
//
//     Echo [PORT]      without PORT the system chooses one; the program says which

import UAsyncIO

/// Sends back what comes until the other side has had enough.
func serve(_ stream: TcpStream) async throws(TaskError) {
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
  defer { room.deallocate() }
  while true {
    let count = try await stream.read(into: room)
    if count == 0 { return }
    try await stream.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
  }
}

/// A connection that breaks is the end of that connection only.
func serveQuietly(_ stream: TcpStream) async {
  do throws(TaskError) { try await serve(stream) } catch {}
}

func listen(on port: UInt16) async throws(TaskError) {
  let listener = try TcpListener(port: port)
  writeText("listening on ")
  writeNumber(Int(listener.port))
  writeText("\n")
  // As many connections at once; whoever comes then waits in the kernel.
  let pool = TaskPool(capacity: 1000, taskSize: 512)
  while true {
    while pool.count == pool.capacity { try await sleepMs(10) }
    let stream = try await listener.accept(bufferSize: 1)
    createTask(in: pool) { () throws(TaskError) in await serveQuietly(stream) }
  }
}

@main struct Echo {
  static func main() {
    let argument = programArgument(1)
    var port: UInt16 = 0
    var position = 0
    while let argument, argument[position] != 0 {
      port = port &* 10 &+ UInt16(truncatingIfNeeded: Int(argument[position]) - 48)
      position += 1
    }
    do throws(TaskError) {
      try run { () throws(TaskError) in try await listen(on: port) }
    } catch {
      writeError(error)
      writeText("\n")
      exitProgram(1)
    }
  }
}
