// OpenSSL's word for what carries a connection's bytes is BIO. Ours asks the layer.

import COpenSSL
import CPlatform

extension TLSLayer {
  /// Nil where there is no memory.
  func makeCarrier() -> OpaquePointer? {
    guard let method = carrierMethod.pointer, let carrier = BIO_new(method) else { return nil }
    // The layer outlives OpenSSL's object, and this with it.
    BIO_set_data(carrier, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(carrier, 1)
    return carrier
  }
}

private struct CarrierMethod: @unchecked Sendable {
  let pointer: OpaquePointer?
}

private let carrierMethod: CarrierMethod = {
  let source = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
  guard let method = BIO_meth_new(source, "transport") else { return CarrierMethod(pointer: nil) }
  BIO_meth_set_read(method) { carrier, bytes, count in
    openssl_clear_retry(carrier)
    guard let bytes, count > 0 else { return 0 }
    let received = owner(carrier).receive(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)))
    if received == -Int(EAGAIN) { openssl_retry_read(carrier) }
    return received < 0 ? -1 : Int32(received)
  }
  BIO_meth_set_write(method) { carrier, bytes, count in
    openssl_clear_retry(carrier)
    guard let bytes, count > 0 else { return 0 }
    owner(carrier).collect(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    return count
  }
  BIO_meth_set_ctrl(method) { carrier, command, _, _ in
    switch command {
    case BIO_CTRL_FLUSH, BIO_CTRL_DUP, BIO_CTRL_PUSH, BIO_CTRL_POP: 1
    case BIO_CTRL_EOF: owner(carrier).carrierHasEnded ? 1 : 0
    default: 0
    }
  }
  return CarrierMethod(pointer: method)
}()

private func owner(_ carrier: OpaquePointer?) -> TLSLayer {
  Unmanaged<TLSLayer>.fromOpaque(BIO_get_data(carrier)).takeUnretainedValue()
}

/// Room for what one write makes: four records of 16 KB, with what TLS adds to them. It is used within one call on the
/// loop's thread only, so all connections share it; where one carries another, there are two.
final class CiphertextBlock {
  static let capacity = 4 * (16_384 + 256)
  let bytes = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
  var count = 0

  nonisolated(unsafe) private static var free: [CiphertextBlock] = []

  static func take() -> CiphertextBlock { free.popLast() ?? CiphertextBlock() }

  static func giveBack(_ block: CiphertextBlock) {
    block.count = 0
    if free.count < 4 { free.append(block) }
  }

  deinit { bytes.deallocate() }

  /// Returns false where there is no room.
  func append(_ more: UnsafeRawBufferPointer) -> Bool {
    guard count + more.count <= Self.capacity else { return false }
    (bytes + count).copyMemory(from: more.baseAddress!, byteCount: more.count)
    count += more.count
    return true
  }
}
