// Sends standard input to an echo server, prints what comes back, and says how long a line took.
//
//     swift run EchoClient 127.0.0.1 7007

import UAsyncIO

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard arguments.count == 2, let port = Int(arguments[1]) else {
    return print("EchoClient ADDRESS PORT")
  }
  let server = try await waitFor(10) { try await openConnection(to: SocketAddress(ip: arguments[0], port: port)) }
  let input = try openStandardInput()
  for try await line in input.lines {
    let began = loopTime()
    try await server.write(line + "\n")
    guard let answer = try await waitFor(10, { try await server.readLine() }) else { break }
    print("\(answer) (\((loopTime() - began) / .microseconds(1)) µs)")
  }
  server.close()
  try await server.waitClosed()
}

try run(main)
