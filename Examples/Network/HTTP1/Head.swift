// What the heads of requests and responses have in common (RFC 9112): lines, and fields of a name and a value.
//
// Strict: what is not known for certain to be right is refused. Being lenient here is how requests are smuggled past a
// proxy that reads them in another way. These are pure functions of bytes, which makes them easy to test, and to fuzz.

/// What is wrong with a message, and the status that says so: of a request, what the client is told; of a response, 502,
/// which is what a proxy tells about a server that it does not understand.
public struct HTTPError: Error, Equatable, CustomStringConvertible {
  public let status: Int
  public let description: String

  public init(_ status: Int, _ description: String) {
    self.status = status
    self.description = description
  }
}

/// A field of a head.
public struct HTTPField: Equatable, Sendable {
  /// In lower case.
  public var name: String
  public var value: String
}

/// How the body of a message is framed.
public enum BodyFraming: Equatable, Sendable {
  case none
  case length(Int)
  case chunked
  /// Of responses only: the body goes on until the connection ends.
  case untilClose
}

/// The fields of a head, and what they say about the message.
public protocol MessageHead {
  /// 0 or 1: HTTP/1.0 or HTTP/1.1.
  var minorVersion: Int { get }
  /// In the order in which they came.
  var fields: [HTTPField] { get }
}

extension MessageHead {
  public static var mostFields: Int { 100 }

  /// The value of a field that may come once only; several of a list are joined, as the standard says.
  public func value(_ name: String) -> String? {
    let values = fields.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }

  /// Whether the connection stays open after the answer.
  public var keepsAlive: Bool {
    let options = (value("connection") ?? "").lowercased().split(separator: ",")
      .map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
      .map { $0.prefix { $0 != " " && $0 != "\t" } }
    if options.contains("close") { return false }
    return minorVersion == 1 || options.contains("keep-alive")
  }

  /// How the body is framed, as far as the fields say so; nil where they do not.
  func framingOfFields() throws(HTTPError) -> BodyFraming? {
    let lengths = fields.filter { $0.name == "content-length" }
    if let encoding = value("transfer-encoding") {
      guard lengths.isEmpty, minorVersion == 1 else { throw HTTPError(400, "two ways of framing") }
      guard encoding.lowercased() == "chunked" else { throw HTTPError(501, "unknown transfer encoding") }
      return .chunked
    }
    guard let length = lengths.first?.value else { return nil }
    guard lengths.count == 1, let number = decimal(length.utf8) else { throw HTTPError(400, "bad Content-Length") }
    return .length(number)
  }
}

/// The lines of a head, without their ends; the empty one is left off.
func linesOfHead(_ bytes: [UInt8]) throws(HTTPError) -> [ArraySlice<UInt8>] {
  var lines: [ArraySlice<UInt8>] = []
  var start = 0
  while start < bytes.count {
    guard let end = bytes[start...].firstIndex(of: 10) else { throw HTTPError(400, "the head has no end") }
    guard end > start, bytes[end - 1] == 13 else { throw HTTPError(400, "lines end with CR LF") }
    if end - 1 == start {
      guard end == bytes.count - 1 else { throw HTTPError(400, "bytes after the head") }
      return lines
    }
    lines.append(bytes[start..<end - 1])
    start = end + 1
  }
  throw HTTPError(400, "the head has no end")
}

func versionNumber(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> Int {
  switch String(decoding: bytes, as: UTF8.self) {
  case "HTTP/1.1": return 1
  case "HTTP/1.0": return 0
  case let text where text.hasPrefix("HTTP/"): throw HTTPError(505, "unknown version")
  default: throw HTTPError(400, "bad version")
  }
}

func field(_ line: ArraySlice<UInt8>) throws(HTTPError) -> HTTPField {
  guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
    throw HTTPError(400, "a field has a name and a colon")
  }
  let name = line[..<colon]
  // A space before the colon, and a line that goes on in the next one, are read differently by different programs.
  guard name.allSatisfy(isTokenByte) else { throw HTTPError(400, "bad field name") }
  var value = line[(colon + 1)...]
  while let first = value.first, first == 32 || first == 9 { value = value.dropFirst() }
  while let last = value.last, last == 32 || last == 9 { value = value.dropLast() }
  guard value.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) }) else { throw HTTPError(400, "bad field value") }
  return HTTPField(
    name: String(decoding: name, as: UTF8.self).lowercased(), value: String(decoding: value, as: UTF8.self))
}

/// The size line of a chunk, without its end: extensions are ignored.
public func sizeOfChunk(_ line: some Collection<UInt8>) throws(HTTPError) -> Int {
  let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 && $0 != 9 }
  guard (1...15).contains(digits.count) else { throw HTTPError(400, "bad chunk size") }
  guard line.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) }) else { throw HTTPError(400, "bad chunk extension") }
  var size = 0
  for byte in digits {
    guard let digit = hexadecimal(byte) else { throw HTTPError(400, "bad chunk size") }
    size = size * 16 + digit
  }
  return size
}

func decimal(_ digits: some Collection<UInt8>) -> Int? {
  guard (1...18).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
}

func hexadecimal(_ byte: UInt8) -> Int? {
  switch byte {
  case 48...57: Int(byte) - 48
  case 65...70: Int(byte) - 55
  case 97...102: Int(byte) - 87
  default: nil
  }
}

func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 97...122: true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
