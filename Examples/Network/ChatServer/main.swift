// A chat: whatever one says, the others hear. The first line is one's name; `/who` lists who is there.
//
//     swift run ChatServer 7008         and then, in several terminals: nc 127.0.0.1 7008
//
// Somebody whose connection does not take what the others say is not waited for: each guest has a queue of lines, and a
// task of his own that sends them. Whose queue is full is thrown out.

import UAsyncIO

/// Somebody who is there.
@LoopActor
final class Guest {
  let name: String
  let stream: ByteStream
  let lines = Queue<String>(maxSize: 100)

  init(name: String, stream: ByteStream) {
    self.name = name
    self.stream = stream
  }
}

@LoopActor
final class Room {
  private var guests: [ObjectIdentifier: Guest] = [:]

  func say(_ line: String, from speaker: Guest? = nil) {
    for guest in guests.values where guest !== speaker {
      if (try? guest.lines.tryPut(line)) != true { guest.stream.abort() }
    }
  }

  func enter(_ guest: Guest) {
    say("* \(guest.name) is here")
    guests[ObjectIdentifier(guest)] = guest
  }

  func leave(_ guest: Guest) {
    guard guests.removeValue(forKey: ObjectIdentifier(guest)) != nil else { return }
    say("* \(guest.name) has left")
  }

  var names: [String] { guests.values.map(\.name).sorted() }
}

let room = try run { Room() }

@LoopActor
func serve(_ stream: ByteStream) async throws {
  try await stream.write("Your name?\n")
  guard let name = try await waitFor(60, { try await stream.readLine(limit: 40) }), !name.isEmpty else { return }
  let guest = Guest(name: name, stream: stream)
  room.enter(guest)
  defer { room.leave(guest) }
  try await withLoopTaskGroup { group in
    try group.createBackgroundTask {
      while true { try await stream.write(guest.lines.get() + "\n") }
    }
    while let line = try await stream.readLine(limit: 1000) {
      if line == "/who" {
        try await stream.write(room.names.joined(separator: ", ") + "\n")
      } else if !line.isEmpty {
        room.say("\(name): \(line)", from: guest)
      }
    }
  }
}

@LoopActor
func main() async throws {
  let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7008
  let server = try startServer(
    at: [SocketAddress(ip: "127.0.0.1", port: port)], settings: ServerSettings(connectionLimit: 1000), serve)
  let output = try openStandardOutput()
  try await output.write("chat at \(server.addresses[0])\n")
  try await server.serveForever()
}

try run(main)
