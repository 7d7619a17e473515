// Echo, and HTTP with NIOHTTP1, on one loop; it says where it listens, and runs until it is killed.
//
//     Server echo|http

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

final class Echo: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.write(data, promise: nil) }
  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

final class Hello: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let head = HTTPResponseHead(
    version: .http1_1, status: .ok, headers: ["Content-Type": "text/plain", "Content-Length": "13"])
  private let body = ByteBuffer(string: "Hello, world!")

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

let isHTTP = CommandLine.arguments.contains("http")
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let server = try ServerBootstrap(group: group)
  .serverChannelOption(.backlog, value: 1024)
  .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
  .childChannelInitializer { channel in
    channel.eventLoop.makeCompletedFuture {
      if isHTTP {
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
        try channel.pipeline.syncOperations.addHandler(Hello())
      } else {
        try channel.pipeline.syncOperations.addHandler(Echo())
      }
    }
  }
  .bind(host: "127.0.0.1", port: 0).wait()
print("listening on \(server.localAddress?.port ?? 0)")
fflush(nil)
try server.closeFuture.wait()
