// What clients and servers of Redis say to each other: RESP, versions 2 and 3.
//
// https://redis.io/docs/latest/develop/reference/protocol-spec/

/// One value.
public indirect enum RESPValue: Hashable, Sendable {
  /// A short text without line ends, as "OK".
  case text(String)
  /// What was asked for was refused: a code and a text, as "ERR unknown command".
  case error(String)
  case integer(Int)
  case bytes([UInt8])
  case null
  case boolean(Bool)
  case double(Double)
  /// An integer of any size, in decimal digits.
  case bigNumber(String)
  case array([RESPValue])
  case set([RESPValue])
  case map([RESPPair])
  /// What nobody has asked for: a message of a subscription, for one.
  case push([RESPValue])

  /// The value as text, where it is one.
  public var string: String? {
    switch self {
    case .text(let text), .bigNumber(let text): text
    case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The values of an array, a set or a push.
  public var elements: [RESPValue]? {
    switch self {
    case .array(let elements), .set(let elements), .push(let elements): elements
    default: nil
    }
  }
}

/// A key with its value.
public struct RESPPair: Hashable, Sendable {
  public var key: RESPValue
  public var value: RESPValue

  public init(_ key: RESPValue, _ value: RESPValue) {
    self.key = key
    self.value = value
  }
}

/// What was received is not RESP, or more than anybody should send.
public struct RESPError: Error, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = "RESP: \(description)" }
}

// MARK: - Writing

extension RESPValue {
  /// The value as version 2 has it where it can, and 3 where it must.
  public var encoded: [UInt8] {
    var out: [UInt8] = []
    encode(into: &out)
    return out
  }

  func encode(into out: inout [UInt8]) {
    switch self {
    case .text(let text): line("+", text, &out)
    case .error(let text): line("-", text, &out)
    case .integer(let number): line(":", number, &out)
    case .bytes(let bytes):
      line("$", bytes.count, &out)
      out += bytes
      out += [13, 10]
    case .null: line("$", -1, &out)
    case .boolean(let value): line("#", value ? "t" : "f", &out)
    case .double(let value): line(",", value, &out)
    case .bigNumber(let digits): line("(", digits, &out)
    case .array(let elements): all("*", elements, &out)
    case .set(let elements): all("~", elements, &out)
    case .push(let elements): all(">", elements, &out)
    case .map(let pairs):
      line("%", pairs.count, &out)
      for pair in pairs {
        pair.key.encode(into: &out)
        pair.value.encode(into: &out)
      }
    }
  }

  private func line(_ kind: Character, _ content: some CustomStringConvertible, _ out: inout [UInt8]) {
    out.append(kind.asciiValue!)
    // What would end the line early must not: it would be taken for another value.
    out += content.description.utf8.map { $0 == 13 || $0 == 10 ? 32 : $0 }
    out += [13, 10]
  }

  private func all(_ kind: Character, _ elements: [RESPValue], _ out: inout [UInt8]) {
    line(kind, elements.count, &out)
    for element in elements { element.encode(into: &out) }
  }
}
