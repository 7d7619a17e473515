// The least program; with an argument it waits for the end of its input.

import Glibc
import NIOCore
import NIOPosix

let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
try group.next().submit { print("hello") }.wait()
fflush(nil)
if CommandLine.arguments.count > 1 {
  while getchar() != EOF {}
}
try group.syncShutdownGracefully()
