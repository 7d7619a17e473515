/// The head of a request.
public struct RequestHead: MessageHead, Equatable, Sendable {
  public var method: String
  /// The path as it came, without the query.
  public var rawPath: String
  public var query: String?
  public var minorVersion: Int
  public var fields: [HTTPField]

  /// Parses a head, the empty line at its end included.
  public init(parsing bytes: [UInt8]) throws(HTTPError) {
    self = try parseInPlace(bytes) { (rest) throws(HTTPError) in try Self(&rest) }
  }

  private init(_ rest: inout HeadBytes) throws(HTTPError) {
    guard let first = try nextLine(&rest) else { throw HTTPError(400, "no request line") }
    guard let afterMethod = first.firstIndex(of: 32), let afterTarget = first[(afterMethod + 1)...].firstIndex(of: 32),
      !first[(afterTarget + 1)...].contains(32)
    else { throw HTTPError(400, "a request line has three parts") }
    let name = first[..<afterMethod]
    guard !name.isEmpty, name.allSatisfy(isTokenByte) else { throw HTTPError(400, "bad method") }
    method = String(decoding: name, as: UTF8.self)
    minorVersion = try versionNumber(first[(afterTarget + 1)...])
    (rawPath, query) = try Self.target(first[(afterMethod + 1)..<afterTarget])
    fields = try takeFields(&rest)
    guard minorVersion == 0 || fields.count(where: { $0.name == "host" }) == 1 else {
      throw HTTPError(400, "HTTP/1.1 wants exactly one Host")
    }
  }

  private static func target(_ bytes: HeadBytes) throws(HTTPError) -> (String, String?) {
    guard isTarget(bytes) else { throw HTTPError(400, "bad target") }
    guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else {
      return (String(decoding: bytes, as: UTF8.self), nil)
    }
    return (
      String(decoding: bytes[..<mark], as: UTF8.self), String(decoding: bytes[(mark + 1)...], as: UTF8.self)
    )
  }

  /// How the body is framed.
  public func bodyFraming() throws(HTTPError) -> BodyFraming { try framingOfFields() ?? .none }

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

/// Whether a path with its query can stand in a request line.
func isTarget(_ bytes: some Collection<UInt8>) -> Bool {
  bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }
}
