// A small HTTP/1.1 server: files of a folder, and a little JSON.
//
//     swift run -c release HTTPServer 8080 public
//
//     GET /files/…        the files of the folder
//     GET /hello          a greeting, as short as can be
//     GET /json           what the server knows of the request
//     GET /stream?n       n lines, one at a time
//     POST /checksum      size and CRC-32 of what is sent, however large it is
//
//     curl http://127.0.0.1:8080/json

import HTTP1
import UAsyncIO

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@LoopActor
func answer(_ request: Request, folder: String) async throws -> Response {
  let head = request.head
  let isGet = head.method == "GET" || head.method == "HEAD"
  switch head.rawPath {
  case "/hello" where isGet:
    return Response(200, type: "text/plain", "Hello, world!")
  case "/json" where isGet:
    return Response(200, type: "application/json", json(of: head))
  case "/stream" where isGet:
    return lines(head.query.flatMap { Int($0) } ?? 10)
  case "/checksum" where head.method == "POST" || head.method == "PUT":
    return try await checksum(request)
  case _ where head.rawPath.hasPrefix("/files/") && isGet:
    return try file("\(folder)/\(head.safePath().dropFirst("files".count))")
  case _ where head.rawPath.hasPrefix("/files/"), "/hello", "/json", "/stream", "/checksum":
    return Response(405, type: "text/plain", "not that way\n")
  default:
    return Response(404, type: "text/plain", "nothing is here\n")
  }
}

// MARK: - JSON

func json(of head: RequestHead) -> String {
  let fields = head.fields.map { "\(quoted($0.name)):\(quoted($0.value))" }
  let query = head.query.map(quoted) ?? "null"
  return """
    {"method":\(quoted(head.method)),"path":\(quoted(head.rawPath)),"query":\(query),\
    "fields":{\(fields.joined(separator: ","))}}

    """
}

func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

// MARK: - Bodies

@LoopActor
func lines(_ count: Int) -> Response {
  var next = 0
  return Response(
    200, [("Content-Type", "text/plain")],
    body: .chunks {
      guard next < count else { return nil }
      next += 1
      try await sleepMs(1)
      return Array("line \(next)\n".utf8)
    })
}

@LoopActor
func checksum(_ request: Request) async throws -> Response {
  var size = 0
  var crc = CRC32()
  while let piece = try await request.nextPiece() {
    size += piece.count
    crc.add(piece)
  }
  return Response(200, type: "application/json", "{\"bytes\":\(size),\"crc32\":\(crc.value)}\n")
}

@LoopActor
func file(_ path: String) throws -> Response {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return Response(404, type: "text/plain", "no such file\n") }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    close(descriptor)
    return Response(404, type: "text/plain", "no such file\n")
  }
  // The system calls a file always ready: reading it waits for the disk only.
  let stream = try openStream(owning: descriptor, direction: .reading)
  return Response(
    200, [("Content-Type", type(of: path))],
    body: .pieces(length: Int(status.st_size)) {
      let piece = try await stream.read(upTo: 65_536)
      if piece.isEmpty { stream.close() }
      return piece.isEmpty ? nil : piece
    })
}

func type(of path: String) -> String {
  switch path.split(separator: ".").last {
  case "html": "text/html; charset=utf-8"
  case "css": "text/css"
  case "js": "text/javascript"
  case "json": "application/json"
  case "txt": "text/plain; charset=utf-8"
  case "png": "image/png"
  default: "application/octet-stream"
  }
}

/// The checksum that zip and Ethernet use.
struct CRC32 {
  private var state: UInt32 = .max
  private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
    (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }

  mutating func add(_ bytes: [UInt8]) {
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] }
    }
  }

  var value: UInt32 { ~state }
}

@LoopActor
func main() async throws {
  let arguments = Array(CommandLine.arguments.dropFirst())
  let port = arguments.first.flatMap { Int($0) } ?? 8080
  let folder = arguments.count > 1 ? arguments[1] : "."
  let server = try startServer(
    at: [SocketAddress(ip: "127.0.0.1", port: port)],
    settings: ServerSettings(connectionLimit: 10_000, backlog: 4096, sharesPort: true)
  ) { stream in
    do {
      try await serveHTTP(stream) { try await answer($0, folder: folder) }
    } catch is IOError {
      // Clients go away when they like.
    }
  }
  try await openStandardOutput().write("HTTP at \(server.addresses[0])\n")
  try await server.serveForever()
}

try run(main)
