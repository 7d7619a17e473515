// Sends standard input to an echo server, prints what comes back, and says how long a line took.
//
//     swift run EchoClient localhost 7007

import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  guard arguments.count == 2, let port = Int(arguments[1]) else {
    return print("EchoClient HOST PORT")
  }
  let server = try await waitFor(10) { try await openConnection(host: arguments[0], port: port) }
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

do {
  try run(main)
} catch {
  let message = Array("\(error)\n".utf8)
  _ = write(2, message, message.count)
  exit(1)
}
