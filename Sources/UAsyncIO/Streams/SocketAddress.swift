import CPlatform

/// Where a socket is, or is to be: an Internet address with a port, or the path of a Unix socket.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  enum Kind: Hashable {
    case none
    case ipv4(UInt32)
    case ipv6(UInt64, UInt64, scope: UInt32)
    /// As the system has it: the first byte of an abstract name is zero.
    case unix([UInt8])
  }

  let kind: Kind
  private let portNumber: UInt16

  private init(kind: Kind, port: UInt16 = 0) {
    self.kind = kind
    portNumber = port
  }

  /// An Internet address, IPv4 or IPv6, as people write it: no name. (For names there is ``resolve(_:port:)``.)
  ///
  /// - Throws: `IOError` with `EINVAL` where the text is no address, or the port not within 0 and 65535.
  public init(ip text: String, port: Int) throws(IOError) {
    var address = platform_address()
    guard platform_parse_address(text, &address) else {
      throw IOError(
        operation: "address", host: text, port: port, errorNumber: EINVAL, reason: "not an Internet address")
    }
    try self.init(address, host: text, port: port)
  }

  /// The address of a Unix socket: a path, or an abstract name, which begins with a zero character.
  ///
  /// - Throws: `IOError` with `ENAMETOOLONG` where it has more than 107 bytes, with `EINVAL` where it is empty or has a
  ///   zero character in its middle.
  public init(path: String) throws(IOError) {
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, !bytes.dropFirst().contains(0) else {
      throw IOError(operation: "address", path: path, errorNumber: EINVAL)
    }
    guard bytes.count <= 107 else { throw IOError(operation: "address", path: path, errorNumber: ENAMETOOLONG) }
    self.init(kind: .unix(bytes))
  }

  private init(_ address: platform_address, host: String?, port: Int) throws(IOError) {
    try checkPort(port, host: host)
    var address = address
    address.port = UInt16(port)
    self.init(address)
  }

  /// The same address with another port.
  func with(port: Int) throws(IOError) -> SocketAddress {
    try checkPort(port, host: host)
    return SocketAddress(kind: kind, port: UInt16(port))
  }

  // MARK: - Parts

  /// The Internet address without the port; nil of a Unix socket's.
  public var host: String? {
    switch kind {
    case .none, .unix: return nil
    case .ipv4, .ipv6:
      var address = system
      return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 80) { text in
        platform_format_address(&address, text.baseAddress)
        return String(cString: text.baseAddress!)
      }
    }
  }

  /// The port; nil of a Unix socket's.
  public var port: Int? {
    switch kind {
    case .none, .unix: nil
    case .ipv4, .ipv6: Int(portNumber)
    }
  }

  /// The path of a Unix socket; nil of an Internet address, and of a Unix socket that has none.
  public var path: String? {
    if case .unix(let bytes) = kind, !bytes.isEmpty { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  /// Whether this is an IPv6 address.
  public var isIPv6: Bool { if case .ipv6 = kind { true } else { false } }

  public var description: String {
    switch kind {
    case .none: "nowhere"
    case .ipv4: "\(host!):\(portNumber)"
    case .ipv6: "[\(host!)]:\(portNumber)"
    case .unix(let bytes) where bytes.isEmpty: "a Unix socket without a path"
    case .unix(let bytes) where bytes[0] == 0: "@" + String(decoding: bytes.dropFirst(), as: UTF8.self)
    case .unix(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }
}

private func checkPort(_ port: Int, host: String?) throws(IOError) {
  guard (0...65535).contains(port) else {
    throw IOError(
      operation: "address", host: host, port: port, errorNumber: EINVAL, reason: "a port is a number from 0 to 65535")
  }
}

// MARK: - The system's form

extension SocketAddress {
  init(_ address: platform_address) {
    let kind: Kind =
      withUnsafeBytes(of: address.bytes) { bytes in
        switch address.kind {
        case 1: .unix(Array(bytes.prefix(Int(address.length))))
        case 4: .ipv4(bytes.loadUnaligned(as: UInt32.self))
        case 6:
          .ipv6(
            bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            scope: address.scope)
        default: .none
        }
      }
    self.init(kind: kind, port: address.port)
  }

  var system: platform_address {
    var address = platform_address()
    address.port = portNumber
    withUnsafeMutableBytes(of: &address.bytes) { bytes in
      switch kind {
      case .none: break
      case .ipv4(let word):
        address.kind = 4
        bytes.storeBytes(of: word, as: UInt32.self)
      case .ipv6(let high, let low, let scope):
        address.kind = 6
        address.scope = scope
        bytes.storeBytes(of: high, as: UInt64.self)
        bytes.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
      case .unix(let path):
        address.kind = 1
        address.length = UInt8(path.count)
        bytes.copyBytes(from: path)
      }
    }
    return address
  }

  /// The kind of socket that can go there.
  var socketKind: Int32 {
    switch kind {
    case .none: 0
    case .unix: 1
    case .ipv4: 4
    case .ipv6: 6
    }
  }
}
