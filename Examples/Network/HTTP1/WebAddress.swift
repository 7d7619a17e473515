/// An address on the web, taken apart: `http://host:port/path?query`.
public struct WebAddress: Hashable, Sendable {
  /// `http` or `https`.
  public let scheme: String
  /// The host's name or number; that of IPv6 without its brackets.
  public let host: String
  public let port: Int
  /// What a request asks for: path and query.
  public let target: String

  /// What the `Host` of a request says.
  public var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == Self.usualPort(of: scheme) ? name : "\(name):\(port)"
  }

  /// Takes an address apart.
  ///
  /// - Throws: ``Malformed``, which says what is wrong.
  public init(_ text: String) throws(Malformed) {
    func malformed(_ reason: String) -> Malformed { Malformed(description: "\(reason): \(text)") }
    guard let scheme = ["http", "https"].first(where: { text.hasPrefix($0 + "://") }) else {
      throw malformed("not an http:// or https:// address")
    }
    self.scheme = scheme
    let rest = text.dropFirst(scheme.count + 3).prefix { $0 != "#" }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest.dropFirst(authority.count)
    self.target = (target.hasPrefix("/") ? "" : "/") + target
    guard self.target.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw malformed("spaces and other letters are written as %20 and so on")
    }
    // A colon within brackets is an IPv6 address's.
    let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
    let colon = authority[afterBracket...].firstIndex(of: ":") ?? authority.endIndex
    if colon == authority.endIndex {
      port = Self.usualPort(of: scheme)
    } else if let port = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(port) {
      self.port = port
    } else {
      throw malformed("a port is a number from 1 to 65535")
    }
    let name = authority[..<colon]
    host = String(name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : name)
    guard !host.isEmpty else { throw malformed("there is no host") }
    guard !host.contains("@") else { throw malformed("there can be no user in it") }
  }

  private static func usualPort(of scheme: String) -> Int { scheme == "https" ? 443 : 80 }

  /// A text is no address on the web.
  public struct Malformed: Error, CustomStringConvertible {
    public let description: String
  }
}
