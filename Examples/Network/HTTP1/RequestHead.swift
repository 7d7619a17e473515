// A strict parser for the head of an HTTP/1.1 request (RFC 9112): what it does not know for certain to be right it
// refuses. Being lenient here is how requests are smuggled past a proxy that reads them in another way.
//
// It is a pure function of bytes, which is what makes it easy to test, and to fuzz.

/// The head of a request.
public struct RequestHead: Equatable, Sendable {
  public var method: String
  /// The path as it came, without the query.
  public var rawPath: String
  public var query: String?
  /// 0 or 1: HTTP/1.0 or HTTP/1.1.
  public var minorVersion: Int
  /// Names in lower case, in the order in which they came.
  public var fields: [Field]

  public struct Field: Equatable, Sendable {
    public var name: String
    public var value: String
  }

  /// The value of a field that may come once only; several of a list are joined, as the standard says.
  public func value(_ name: String) -> String? {
    let values = fields.filter { $0.name == name }.map(\.value)
    return values.isEmpty ? nil : values.joined(separator: ", ")
  }
}

/// What is wrong with a request, and the status that says so.
public struct HTTPError: Error, Equatable, CustomStringConvertible {
  public let status: Int
  public let description: String

  public init(_ status: Int, _ description: String) {
    self.status = status
    self.description = description
  }
}

/// How the body of a request is framed.
public enum BodyFraming: Equatable, Sendable {
  case none
  case length(Int)
  case chunked
  /// An answer's only: up to the end of the connection.
  case untilEnd
}

extension RequestHead {
  public static var mostFields: Int { 100 }

  /// Parses a head, the empty line at its end included.
  public init(parsing bytes: [UInt8]) throws(HTTPError) {
    var lines = try Self.split(bytes)
    guard !lines.isEmpty else { throw HTTPError(400, "no request line") }
    let parts = lines.removeFirst().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw HTTPError(400, "a request line has three parts") }
    guard !parts[0].isEmpty, parts[0].allSatisfy(isTokenByte) else { throw HTTPError(400, "bad method") }
    method = String(decoding: parts[0], as: UTF8.self)
    minorVersion = try Self.version(parts[2])
    (rawPath, query) = try Self.target(parts[1])
    guard lines.count <= Self.mostFields else { throw HTTPError(431, "too many fields") }
    fields = []
    for line in lines { fields.append(try Self.field(line)) }
    guard minorVersion == 0 || fields.count(where: { $0.name == "host" }) == 1 else {
      throw HTTPError(400, "HTTP/1.1 wants exactly one Host")
    }
  }

  /// The lines of a head, without their ends; the empty one is left off.
  static func split(_ bytes: [UInt8]) throws(HTTPError) -> [ArraySlice<UInt8>] {
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

  static func version(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    switch String(decoding: bytes, as: UTF8.self) {
    case "HTTP/1.1": return 1
    case "HTTP/1.0": return 0
    case let text where text.hasPrefix("HTTP/"): throw HTTPError(505, "unknown version")
    default: throw HTTPError(400, "bad version")
    }
  }

  private static func target(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> (String, String?) {
    guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") })
    else { throw HTTPError(400, "bad target") }
    let parts = bytes.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    return (
      String(decoding: parts[0], as: UTF8.self), parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
    )
  }

  static func field(_ line: ArraySlice<UInt8>) throws(HTTPError) -> Field {
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
    return Field(
      name: String(decoding: name, as: UTF8.self).lowercased(), value: String(decoding: value, as: UTF8.self))
  }
}

// MARK: - What follows the head

extension RequestHead {
  /// How the body is framed.
  public func bodyFraming() throws(HTTPError) -> BodyFraming {
    let lengths = fields.filter { $0.name == "content-length" }
    if let encoding = value("transfer-encoding") {
      guard lengths.isEmpty, minorVersion == 1 else { throw HTTPError(400, "two ways of framing") }
      guard encoding.lowercased() == "chunked" else { throw HTTPError(501, "unknown transfer encoding") }
      return .chunked
    }
    guard let length = lengths.first?.value else { return .none }
    guard lengths.count == 1, let number = decimal(length.utf8) else { throw HTTPError(400, "bad Content-Length") }
    return .length(number)
  }

  /// Whether the connection stays open after the answer.
  public var keepsAlive: Bool {
    let options = (value("connection") ?? "").lowercased().split(separator: ",")
      .map { $0.drop { $0 == " " || $0 == "\t" } }
    if options.contains("close") { return false }
    return minorVersion == 1 || options.contains("keep-alive")
  }

  /// The path with its escapes decoded, as a relative one that cannot lead out of where it starts.
  public func safePath() throws(HTTPError) -> String {
    var decoded: [UInt8] = []
    var rest = Substring(rawPath).utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
        throw HTTPError(400, "bad escape")
      }
      decoded.append(UInt8(high * 16 + low))
    }
    guard let path = String(validating: decoded, as: UTF8.self), !path.utf8.contains(0) else {
      throw HTTPError(400, "bad path")
    }
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else { throw HTTPError(403, "outside") }
    return parts.joined(separator: "/")
  }
}

/// The size line of a chunk, without its end: extensions are ignored.
public func chunkSize(_ line: some Collection<UInt8>) throws(HTTPError) -> Int {
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

private func hexadecimal(_ byte: UInt8) -> Int? {
  switch byte {
  case 48...57: Int(byte) - 48
  case 65...70: Int(byte) - 55
  case 97...102: Int(byte) - 87
  default: nil
  }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 48...57, 65...90, 97...122: true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
