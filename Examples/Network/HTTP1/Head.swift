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
    var joined: String?
    for field in fields where field.name == name { joined = joined.map { "\($0), \(field.value)" } ?? field.value }
    return joined
  }

  /// Whether the connection stays open after the answer.
  public var keepsAlive: Bool {
    guard let connection = value("connection") else { return minorVersion == 1 }
    let options = connection.lowercased().split(separator: ",")
      .map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
      .map { $0.prefix { $0 != " " && $0 != "\t" } }
    if options.contains("close") { return false }
    return minorVersion == 1 || options.contains("keep-alive")
  }

  /// How the body is framed, as far as the fields say so; nil where they do not.
  func framingOfFields() throws(HTTPError) -> BodyFraming? {
    var lengths = 0
    for field in fields where field.name == "content-length" { lengths += 1 }
    if let encoding = value("transfer-encoding") {
      guard lengths == 0, minorVersion == 1 else { throw HTTPError(400, "two ways of framing") }
      guard encoding.lowercased() == "chunked" else { throw HTTPError(501, "unknown transfer encoding") }
      return .chunked
    }
    guard let length = value("content-length") else { return nil }
    guard lengths == 1, let number = decimal(length.utf8) else { throw HTTPError(400, "bad Content-Length") }
    return .length(number)
  }
}

/// A part of a head, in plain memory: nothing is allocated for it.
typealias HeadBytes = Slice<UnsafeBufferPointer<UInt8>>

/// Parses a head where it lies.
func parseInPlace<Head>(
  _ bytes: [UInt8], _ parse: (inout HeadBytes) throws(HTTPError) -> Head
) throws(HTTPError) -> Head {
  try bytes.withUnsafeBufferPointer { all in
    Result { () throws(HTTPError) in
      var rest = all[...]
      return try parse(&rest)
    }
  }.get()
}

/// Takes a line off, without its end; nil for the empty one, which is a head's end.
func nextLine(_ rest: inout HeadBytes) throws(HTTPError) -> HeadBytes? {
  guard let end = rest.firstIndex(of: 10) else { throw HTTPError(400, "the head has no end") }
  guard end > rest.startIndex, rest[end - 1] == 13 else { throw HTTPError(400, "lines end with CR LF") }
  let line = rest[..<(end - 1)]
  rest = rest[(end + 1)...]
  return line.isEmpty ? nil : line
}

/// Takes the fields off, and the head's end, which must be the last.
func takeFields(_ rest: inout HeadBytes) throws(HTTPError) -> [HTTPField] {
  var fields: [HTTPField] = []
  fields.reserveCapacity(8)
  while let line = try nextLine(&rest) {
    guard fields.count < RequestHead.mostFields else { throw HTTPError(431, "too many fields") }
    fields.append(try field(line))
  }
  guard rest.isEmpty else { throw HTTPError(400, "bytes after the head") }
  return fields
}

func versionNumber(_ bytes: HeadBytes) throws(HTTPError) -> Int {
  let name: StaticString = "HTTP/"
  guard bytes.count >= 5, (0..<5).allSatisfy({ bytes[bytes.startIndex + $0] == name.utf8Start[$0] }) else {
    throw HTTPError(400, "bad version")
  }
  let number = bytes.dropFirst(5)
  let start = number.startIndex
  guard number.count == 3, number[start] == UInt8(ascii: "1"), number[start + 1] == UInt8(ascii: "."),
    number[start + 2] == UInt8(ascii: "1") || number[start + 2] == UInt8(ascii: "0")
  else { throw HTTPError(505, "unknown version") }
  return Int(number[start + 2] - UInt8(ascii: "0"))
}

private func field(_ line: HeadBytes) throws(HTTPError) -> HTTPField {
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
  // It is made of token bytes, which are ASCII.
  let lower = String(unsafeUninitializedCapacity: name.count) { room in
    for (offset, byte) in name.enumerated() { room[offset] = (65...90).contains(byte) ? byte | 32 : byte }
    return name.count
  }
  return HTTPField(name: lower, value: String(decoding: value, as: UTF8.self))
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
  case UInt8(ascii: "-"), UInt8(ascii: "_"): true
  default: "!#$%&'*+.^`|~".utf8.contains(byte)
  }
}
