// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the library's users do not build it. Logger.swift is a link to the firmware's.
let package = Package(
  name: "SensorLoggerSimulation",
  dependencies: [.package(name: "swift-uasyncio", path: "../../../..")],
  targets: [
    .executableTarget(
      name: "SensorLoggerSimulation", dependencies: [.product(name: "UAsyncIO", package: "swift-uasyncio")],
      path: ".", sources: ["main.swift", "Logger.swift"],
      swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")])
  ],
  swiftLanguageModes: [.v6]
)
