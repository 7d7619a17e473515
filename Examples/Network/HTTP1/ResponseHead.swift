/// The head of a response.
public struct ResponseHead: MessageHead, Equatable, Sendable {
  public var status: Int
  /// What the server says beside the number; often nothing.
  public var reason: String
  public var minorVersion: Int
  public var fields: [HTTPField]

  /// Parses a head, the empty line at its end included. What is wrong with it is an error with status 502.
  public init(parsing bytes: [UInt8]) throws(HTTPError) {
    do throws(HTTPError) {
      self = try parseInPlace(bytes) { (rest) throws(HTTPError) in try Self(&rest) }
    } catch {
      throw HTTPError(502, error.description)
    }
  }

  private init(_ rest: inout HeadBytes) throws(HTTPError) {
    guard let first = try nextLine(&rest) else { throw HTTPError(502, "no status line") }
    let parts = first.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { throw HTTPError(502, "a status line has a version and a number") }
    minorVersion = try versionNumber(parts[0])
    guard parts[1].count == 3, let number = decimal(parts[1]), (100...599).contains(number) else {
      throw HTTPError(502, "bad status")
    }
    status = number
    let text = parts.count == 3 ? parts[2] : first[first.endIndex...]
    guard text.allSatisfy({ $0 == 9 || ($0 >= 32 && $0 != 127) }) else { throw HTTPError(502, "bad reason") }
    reason = String(decoding: text, as: UTF8.self)
    fields = try takeFields(&rest)
  }

  /// Whether this only announces the response that is still to come.
  public var isInformational: Bool { status < 200 }

  /// How the body is framed, which depends on what was asked.
  public func bodyFraming(method: String) throws(HTTPError) -> BodyFraming {
    do throws(HTTPError) {
      let framing = try framingOfFields()
      if method == "HEAD" || isInformational || status == 204 || status == 304 { return .none }
      return framing ?? .untilClose
    } catch {
      throw HTTPError(502, error.description)
    }
  }
}
