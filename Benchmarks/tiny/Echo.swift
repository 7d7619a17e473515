// The echo server of the comparison: as Examples/tiny/Echo, with a larger buffer and the port that the system chooses.

import UAsyncIO

func echo(_ stream: TcpStream) async {
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 32_768, alignment: 8)
  defer { room.deallocate() }
  do throws(TaskError) {
    while true {
      let count = try await stream.read(into: room)
      if count == 0 { return }
      try await stream.write(UnsafeRawBufferPointer(rebasing: room[..<count]))
    }
  } catch {}
}

@main struct Echo {
  static func main() throws(TaskError) {
    useTaskSize(512)
    try run(size: 4096) { () throws(TaskError) in
      let listener = try TcpListener(port: 0)
      writeText("listening on ")
      writeNumber(Int(listener.port))
      writeText("\n")
      while true {
        let stream = try await listener.accept(bufferSize: 1)
        createTask { () throws(TaskError) in await echo(stream) }
      }
    }
  }
}
