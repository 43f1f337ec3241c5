// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "quickstart",
    platforms: [.macOS(.v13)],
    dependencies: [.package(path: "../../bindings/swift-kotlin/HubCore")],
    targets: [.executableTarget(name: "quickstart", dependencies: ["HubCore"])],
    swiftLanguageModes: [.v6]
)
