// Fetches what is at some addresses, one after the other, over one connection where server and addresses allow it.
//
//     swift run HTTPGet http://127.0.0.1:8080/hello http://127.0.0.1:8080/json
//
// The bodies go to standard output; what came of each request goes to the standard error stream.

import HTTP1
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@LoopActor
func main() async throws {
  let arguments = CommandLine.arguments.dropFirst()
  let places = try arguments.map { try WebAddress($0) }
  guard !places.isEmpty, places.allSatisfy({ $0.scheme == "http" }) else {
    return print("HTTPGet http://HOST[:PORT]/PATH …")
  }
  let output = try openStandardOutput()
  let log = try openStandardError()
  var connections = 0
  var client: (ClientConnection, authority: String)?
  for place in places {
    if client?.0.isOpen != true || client?.authority != place.authority {
      client?.0.close()
      let stream = try await waitFor(10) { try await openConnection(host: place.host, port: place.port) }
      client = (ClientConnection(stream, host: place.authority), place.authority)
      connections += 1
    }
    guard let (connection, _) = client else { break }
    let answer = try await waitFor(10) { try await connection.request("GET", place.target) }
    var length = 0
    while let piece = try await waitFor(10, { try await answer.nextPiece() }) {
      length += piece.count
      try await output.write(piece)
    }
    try await log.write("\(answer.head.status) \(place.target): \(length) bytes, connection \(connections)\n")
  }
  client?.0.close()
  try await output.drain()
  try await log.drain()
}

do {
  try run(main)
} catch {
  let message = Array("\(error)\n".utf8)
  _ = write(2, message, message.count)
  exit(1)
}
