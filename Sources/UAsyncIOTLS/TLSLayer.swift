// TLS as a layer upon a transport: streams read and write it as they do a socket.
//
// OpenSSL makes records of bytes and bytes of records; it never touches a socket. What it wants to read it gets from the
// carrier, directly into its own memory, and "not now" where nothing is there. What it wants to write it may always write:
// that goes into a block, and from there to the carrier, several records in one system call. What the carrier does not
// take is kept in `unsent`, before everything that comes later.
//
// So OpenSSL never has to be asked again with the same bytes, as it demands of those who let it meet a full socket; and
// reading never has to wait for writing. Two things follow:
//
// * Bytes that were encrypted are on their way, and must not be encrypted again. Yet a stream is to keep them as unsent, so
//   that draining and closing wait for them, until the carrier has taken the last of them. So they are refused
//   (`-EAGAIN`), and their number is remembered: the stream offers what was refused again, first, as transports may
//   demand, and is told then that it has been taken. At most 64 KB are in this state.
// * OpenSSL answers some messages by itself (a new key is asked for). What of those answers the carrier does not take at
//   once the stream has sent while it waits to read. A peer who asks for answers and never reads them is cut off when they
//   fill 128 KB.
//
// The end: a stream has ended when the peer has said so (`close_notify`), and not when its bytes end: anybody on the way
// could have cut those. Half a connection can be closed. A server with TLS 1.2 may then, by its standard, throw away what it
// had yet to say; most do not.
//
// Cost: a read is at most one system call for up to 64 KB of records, a write one for up to 64 KB of bytes. A connection
// that waits has no memory for records.

import COpenSSL
import CPlatform
import Scheduler
import UAsyncIO

final class TLSLayer: TransportLayer {
  let inner: Transport
  let isServer: Bool
  /// The host and the port as the program has named them.
  let target: (host: String?, port: Int?)
  /// Holds what OpenSSL calls back.
  private let handle: ContextHandle

  /// OpenSSL's object; nil after the release.
  private(set) var connection: OpaquePointer?
  /// What was received before this transport was there.
  private var early: [UInt8]
  /// What comes of OpenSSL's attempt to write, until it is handed to the carrier.
  private var block: CiphertextBlock?
  /// What the carrier has not taken yet, but for the first bytes of it.
  private var unsent: [UInt8] = []
  private var sent = 0
  /// How many of the bytes that will be offered next have been encrypted.
  private var encrypted = 0

  /// Why there is nothing more to read, or to write.
  private(set) var failure: (any Error)?
  /// The carrier's error number of the last attempt to read.
  private var carrierError: Int32 = 0
  private(set) var carrierHasEnded = false
  private var hasTakenLeave = false
  /// A message of the handshake's kind has come in part, and OpenSSL writes nothing before it has the rest. Whoever reads
  /// gets that, or whoever writes: so nobody can wait for it. It is rare, and soon over.
  private(set) var mustWriteBlindly = false
  /// The certificate that was not found good.
  var rejected: String?
  /// What came of the handshake.
  var session: TLSSession?

  private static let most = 65_536
  private static let mostAnswers = 131_072

  init(
    over inner: Transport, _ connection: OpaquePointer, _ handle: ContextHandle, isServer: Bool,
    target: (host: String?, port: Int?), early: [UInt8]
  ) throws {
    self.inner = inner
    self.connection = connection
    self.handle = handle
    self.isServer = isServer
    self.target = target
    self.early = early
    guard let carrier = makeCarrier() else { throw OpenSSLFailure.settings("make a connection") }
    // OpenSSL counts one for both directions.
    SSL_set_bio(connection, carrier, carrier)
    if isServer { SSL_set_accept_state(connection) } else { SSL_set_connect_state(connection) }
    SSL_set_default_read_buffer_len(connection, Self.most)
  }

  deinit {
    if let connection { SSL_free(connection) }
  }

  func free() {
    if let connection { SSL_free(connection) }
    connection = nil
    giveBackBlock()
  }

  func error(_ operation: String, _ number: Int32) -> any Error {
    if number == EPROTO, let failure { return failure }
    return inner.error(operation, number)
  }

  // MARK: - Reading

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let connection else { return -Int(EBADF) }
    if failure != nil { return -Int(EPROTO) }
    guard unsent.count - sent <= Self.mostAnswers else {
      return fail(violation("read", "it asks for answers and does not take them"))
    }
    var filled = 0
    var outcome = -Int(EAGAIN)
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      outcome = attempt(connection) { SSL_read_ex(connection, rest.baseAddress, rest.count, $0) }
      guard outcome > 0 else { break }
      filled += outcome
      // One record at a time; several may have come.
      if SSL_has_pending(connection) == 0, early.isEmpty { break }
    }
    mustWriteBlindly = false
    _ = flush()
    if outcome < 0, outcome != -Int(EAGAIN) { outcome = fail(errorOfAttempt("read")) }
    return filled > 0 ? filled : outcome
  }

  /// Makes one attempt of OpenSSL's. Returns the number of bytes, 0 at the end, -EAGAIN where the carrier has nothing, or
  /// -EPROTO.
  private func attempt(_ connection: OpaquePointer, _ body: (UnsafeMutablePointer<Int>) -> Int32) -> Int {
    ERR_clear_error()
    carrierError = 0
    var count = 0
    let result = body(&count)
    if result == 1 { return count }
    switch SSL_get_error(connection, result) {
    case SSL_ERROR_WANT_READ: return -Int(EAGAIN)
    case SSL_ERROR_ZERO_RETURN: return 0
    default: return -Int(EPROTO)
    }
  }

  private func fail(_ error: any Error) -> Int {
    failure = error
    return -Int(EPROTO)
  }

  /// The error number with which the carrier has ended the last attempt to read, if it has.
  func takeCarrierError() -> Int32? {
    defer { carrierError = 0 }
    return carrierError == 0 ? nil : carrierError
  }

  // MARK: - Writing

  func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let connection else { return -Int(EBADF) }
    if failure != nil { return -Int(EPROTO) }
    let error = flush()
    if error != 0 { return -Int(error) }
    if encrypted > 0 {
      defer { encrypted = 0 }
      return encrypted
    }
    var count = 0
    while count < min(bytes.count, Self.most) {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[count..<min(bytes.count, Self.most)])
      let outcome = attempt(connection) { SSL_write_ex(connection, rest.baseAddress, rest.count, $0) }
      if outcome == -Int(EAGAIN) { mustWriteBlindly = true }
      if outcome > 0 {
        count += outcome
      } else if outcome == -Int(EAGAIN) || count > 0 {
        break
      } else {
        return fail(errorOfAttempt("write"))
      }
    }
    if count == 0 { return -Int(EAGAIN) }
    switch flush() {
    case 0: return count
    case EAGAIN:
      encrypted = count
      return -Int(EAGAIN)
    case let error: return -Int(error)
    }
  }

  // MARK: - The end

  func shutDownWriting() -> Int32 {
    guard let connection, failure == nil else { return 0 }
    if !hasTakenLeave {
      if SSL_in_init(connection) == 1 {
        let outcome = attempt(connection) { _ in SSL_do_handshake(connection) }
        if outcome == -Int(EAGAIN) {
          mustWriteBlindly = true
          return EAGAIN
        }
      }
      mustWriteBlindly = false
      ERR_clear_error()
      _ = SSL_shutdown(connection)
      hasTakenLeave = true
    }
    return flush()
  }

  func takeLeave() -> Int32 {
    let error = shutDownWriting()
    if error == 0 { discardRest() }
    return error
  }

  /// A socket that is closed with something unread breaks the connection, and what was sent last may be lost. TLS 1.3 has
  /// servers send what many clients never come to read.
  func discardRest() {
    let block = CiphertextBlock.take()
    for _ in 0..<16 {
      if inner.read(into: UnsafeMutableRawBufferPointer(start: block.bytes, count: Self.most)) <= 0 { break }
    }
    CiphertextBlock.giveBack(block)
  }

  // MARK: - Answers

  var isOwing: Bool { !unsent.isEmpty && encrypted == 0 }

  func settle() -> Int32 { flush() }

  // MARK: - The carrier

  /// What OpenSSL reads from.
  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if !early.isEmpty {
      let count = min(early.count, buffer.count)
      buffer.copyBytes(from: early[..<count])
      early.removeFirst(count)
      return count
    }
    while true {
      let count = inner.read(into: buffer)
      if count == -Int(EINTR) { continue }
      if count == 0 { carrierHasEnded = true }
      if count < 0, count != -Int(EAGAIN) { carrierError = Int32(-count) }
      return count
    }
  }

  /// What OpenSSL writes to.
  func collect(_ bytes: UnsafeRawBufferPointer) {
    let block = block ?? CiphertextBlock.take()
    self.block = block
    if !block.append(bytes) {
      // More than one write makes: answers of the handshake's kind.
      unsent += UnsafeRawBufferPointer(start: block.bytes, count: block.count)
      block.count = 0
      if !block.append(bytes) { unsent += bytes }
    }
  }

  /// Hands what is to be sent to the carrier. Returns 0 when all of it has been taken, or an error number.
  private func flush() -> Int32 {
    if unsent.isEmpty {
      guard let block else { return 0 }
      let (count, error) = hand(UnsafeRawBufferPointer(start: block.bytes, count: block.count))
      if error == EAGAIN {
        unsent = Array(UnsafeRawBufferPointer(start: block.bytes + count, count: block.count - count))
      }
      giveBackBlock()
      return error
    }
    if let block {
      unsent += UnsafeRawBufferPointer(start: block.bytes, count: block.count)
      giveBackBlock()
    }
    let (count, error) = unsent.withUnsafeBytes { hand(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
    sent += count
    if error != EAGAIN {
      unsent = []
      sent = 0
    }
    return error
  }

  private func hand(_ bytes: UnsafeRawBufferPointer) -> (count: Int, error: Int32) {
    var handed = 0
    while handed < bytes.count {
      let count = inner.write(UnsafeRawBufferPointer(rebasing: bytes[handed...]))
      if count >= 0 { handed += count } else if count != -Int(EINTR) { return (handed, Int32(-count)) }
    }
    return (handed, 0)
  }

  private func giveBackBlock() {
    if let block { CiphertextBlock.giveBack(block) }
    block = nil
  }

  // MARK: - The handshake

  enum Step {
    case done
    case wait(Interest)
  }

  /// Makes one attempt to get on with the handshake.
  func shakeHands() throws -> Step {
    guard let connection else { throw inner.error(handshake, EBADF) }
    if flush() == EAGAIN { return .wait(.writable) }
    let outcome = attempt(connection) { _ in SSL_do_handshake(connection) }
    // A carrier that is broken for writing may have something to read yet: why it is.
    let isFull = flush() == EAGAIN
    switch outcome {
    case -Int(EAGAIN): return .wait(isFull ? .writable : .readable)
    // What a server with TLS 1.3 sends last is for later sessions, and a client may never read it.
    case 0...: return isFull && !(isServer && SSL_version(connection) == TLS1_3_VERSION) ? .wait(.writable) : .done
    default: throw errorOfAttempt(handshake)
    }
  }
}
