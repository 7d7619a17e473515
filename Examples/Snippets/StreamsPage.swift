import UAsyncIO
import UAsyncIOTesting

@LoopActor
func anEcho() async throws {
  let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: 0)]) { stream in
    for try await piece in stream.chunks() { try await stream.write(piece) }
  }
  guard let port = server.port else { return }
  let host = "127.0.0.1"
  let stream = try await openConnection(host: host, port: port)
  try await stream.write("hello\n")
  let answer = try await stream.readLine()
  stream.close()
  print(answer ?? "nothing")
  let other = try await openConnection(host: host, port: port)
  try await other.write("one\ntwo\n")
  try other.closeWrite()
  try await printLines(of: other)
  server.close()
}

@LoopActor
private func printLines(of stream: ByteStream) async throws {
  for try await line in stream.lines { print(line) }
}

struct Garbled: Error {}

func streamsInTests() throws {
  try simulateSeeds(0..<10) {
    let (client, server) = simulatedStreams(seed: 7, faults: .many)
    try await client.write("hello\n")
    guard try await server.readLine() == "hello" else { throw Garbled() }
  }
  print("ten orders, and no byte was lost")
}
