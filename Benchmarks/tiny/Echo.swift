// The echo server of the comparison. What is read is written before the next read, so one buffer serves all connections;
// only what the system does not take at once is copied.

import UAsyncIO

func echo(_ stream: TcpStream, _ shared: UnsafeMutableRawBufferPointer) async {
  do throws(TaskError) {
    while true {
      let count = try await stream.read(into: shared)
      if count == 0 { return }
      let written = try stream.tryWrite(UnsafeRawBufferPointer(rebasing: shared[..<count]))
      if written < count { try await finish(stream, UnsafeRawBufferPointer(rebasing: shared[written..<count])) }
    }
  } catch {}
}

func finish(_ stream: TcpStream, _ bytes: UnsafeRawBufferPointer) async throws(TaskError) {
  let rest = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
  defer { rest.deallocate() }
  rest.copyMemory(from: bytes)
  try await stream.write(UnsafeRawBufferPointer(rest))
}

@main struct Echo {
  static func main() throws(TaskError) {
    useTaskSize(512)
    try run(size: 4096) { () throws(TaskError) in
      let shared = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
      let listener = try TcpListener(port: 0)
      writeText("listening on ")
      writeNumber(Int(listener.port))
      writeText("\n")
      while true {
        let stream = try await listener.accept(bufferSize: 1)
        createTask { () throws(TaskError) in await echo(stream, shared) }
      }
    }
  }
}
