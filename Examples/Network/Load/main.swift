// What a server can take: many idle connections, and a gigabyte.
//
//     swift run -c release Load idle 127.0.0.1 7007 10000 PID     PID is the echo server's process
//     swift run -c release Load transfer 1000000000
//
// The first opens connections that do nothing, tells how much memory each of them costs the server, and then uses some of
// them. The second sends bytes from one coroutine to another over TCP, and compares checksums.

import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct Mismatch: Error {}

/// The bytes of a process's memory that are its own.
func memory(of process: String) throws -> Int {
  guard let file = fopen("/proc/\(process)/smaps_rollup", "r") else { throw Mismatch() }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  while fgets(&line, 256, file) != nil {
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    if words.count > 1, words[0] == "Anonymous:", let kilobytes = Int(words[1]) { return kilobytes * 1024 }
  }
  throw Mismatch()
}

@LoopActor
func exchange(_ stream: ByteStream, _ message: String) async throws {
  try await stream.write(message + "\n")
  guard try await stream.readLine() == message else { throw Mismatch() }
}

@LoopActor
func idle(_ address: SocketAddress, count: Int, process: String) async throws {
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  limit.rlim_cur = limit.rlim_max
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

  // What the server needs once, whoever comes.
  for _ in 0..<10 {
    let stream = try await openConnection(to: address)
    try await exchange(stream, "first")
    stream.close()
  }
  try await sleep(0.2)
  let before = try memory(of: process)
  var streams: [ByteStream] = []
  for _ in 0..<count {
    let stream = try await openConnection(to: address)
    streams.append(stream)
  }
  // The last one is served when all before it are accepted.
  try await exchange(streams[count - 1], "all are there")
  try await sleep(0.2)
  let after = try memory(of: process)
  print("\(count) idle connections: \((after - before) / count) bytes each")

  let began = loopTime()
  let exchanges = 200
  try await withLoopTaskGroup { group in
    for number in 0..<50 {
      try group.createTask {
        let stream = streams[(number &* 7919) % count]
        for turn in 0..<exchanges { try await exchange(stream, "\(number) \(turn)") }
      }
    }
  }
  let seconds = (loopTime() - began) / .seconds(1)
  print("50 of them at work: \(Int(Double(50 * exchanges) / seconds)) exchanges a second")
  for stream in streams { stream.close() }
}

/// A checksum that is quick enough not to be what is measured.
struct Checksum: Equatable {
  private var state: UInt64 = 14_695_981_039_346_656_037

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for index in stride(from: 0, to: bytes.count & ~7, by: 8) {
      state = (state ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 1_099_511_628_211
      state ^= state >> 29
    }
    for byte in bytes.suffix(bytes.count & 7) { state = (state ^ UInt64(byte)) &* 1_099_511_628_211 }
  }
}

@LoopActor
func transfer(_ total: Int) async throws {
  let block = 65_536
  var received = Checksum()
  var count = 0
  let server = try await startServer(host: "127.0.0.1", port: 0) { stream in
    // Whole blocks, for the checksum goes by eight bytes.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 8)
    defer { buffer.deallocate() }
    while count < total {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(block, total - count)])
      try await stream.readExactly(into: piece)
      received.add(UnsafeRawBufferPointer(piece))
      count += piece.count
    }
    guard try await stream.readAll().isEmpty else { throw Mismatch() }
  }
  let began = loopTime()
  let stream = try await openConnection(host: "127.0.0.1", port: server.port!)
  var sent = Checksum()
  var random: UInt64 = 1
  var left = total
  while left > 0 {
    let piece = [UInt8](unsafeUninitializedCapacity: min(block, left)) { bytes, initialized in
      for index in bytes.indices {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.initializeElement(at: index, to: UInt8(random >> 56))
      }
      initialized = bytes.count
    }
    piece.withUnsafeBytes { sent.add($0) }
    try await stream.write(piece)
    left -= piece.count
  }
  stream.close()
  try await stream.waitClosed()
  try await server.shutDown(within: .seconds(10))
  guard count == total, sent == received else { throw Mismatch() }
  let seconds = (loopTime() - began) / .seconds(1)
  print("\(total) bytes, checksums equal: \(Int(Double(total) / seconds / 1_000_000)) MB a second")
}

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments.count == 5, arguments[0] == "idle", let port = Int(arguments[2]), let count = Int(arguments[3]) {
    try await idle(SocketAddress(ip: arguments[1], port: port), count: count, process: arguments[4])
  } else if arguments.count == 2, arguments[0] == "transfer", let total = Int(arguments[1]) {
    try await transfer(total)
  } else {
    print("Load idle ADDRESS PORT COUNT PROCESS | Load transfer BYTES")
  }
}

try run(main)
