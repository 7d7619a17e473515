// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "swift-default-scenarios",
  targets: [
    .executableTarget(name: "Scenarios"),
    .executableTarget(name: "Hello"),
  ],
  swiftLanguageModes: [.v6]
)
