// Sends back whatever comes: over TCP and a Unix socket as a stream, over UDP as datagrams.
//
//     swift run EchoServer              at port 7007 of this machine
//     swift run EchoServer 8008         at another one; with 0 the system chooses
//     swift run EchoServer /tmp/echo    at a Unix socket
//
//     nc 127.0.0.1 7007                 is a client, and so is EchoClient

import UAsyncIO

@LoopActor
func echo(_ stream: ByteStream) async throws {
  for try await piece in stream.chunks() { try await stream.write(piece) }
}

@LoopActor
func echoDatagrams(_ socket: DatagramSocket) async throws {
  while true {
    let (bytes, sender) = try await socket.receive()
    try await socket.send(bytes, to: sender)
  }
}

@LoopActor
func main() async throws {
  let output = try openStandardOutput()
  let place = CommandLine.arguments.dropFirst().first ?? "7007"
  guard let port = Int(place) else {
    let server = try startServer(path: place, echo)
    try await output.write("echo at \(place)\n")
    return try await server.serveForever()
  }
  let server = try startServer(at: [SocketAddress(ip: "127.0.0.1", port: port)], echo)
  let socket = try openDatagramSocket(at: server.addresses[0])
  try await output.write("echo at \(server.addresses[0])\n")
  createTask { try await echoDatagrams(socket) }
  try await server.serveForever()
}

try run(main)
