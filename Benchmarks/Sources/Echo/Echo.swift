// The echo server of the comparison. (That of HTTP is Examples/Network/HTTPServer.)
//
//     Echo
//
// It says where it listens, and runs until it is killed. Each connection has a buffer of its own, into which is read and
// out of which is written: what is asked for often should not make an array each time.

import UAsyncIO

@LoopActor
func echo(_ stream: ByteStream) async throws {
  var buffer = [UInt8](repeating: 0, count: 32_768)
  while true {
    let count = try await stream.read(into: &buffer)
    if count == 0 { return }
    try await stream.write(buffer[..<count])
  }
}

@main struct Echo {
  static func main() throws {
    try run {
      let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { stream in
        do { try await echo(stream) } catch is IOError {}
      }
      try await openStandardOutput().write("listening on \(server.port ?? 0)\n")
      try await server.serveForever()
    }
  }
}
