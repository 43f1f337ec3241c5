// swift-tools-version: 6.0
import PackageDescription

// The package as its users have it: nothing of the tree but its folder.
let package = Package(
    name: "tests",
    platforms: [.macOS(.v13)],
    dependencies: [.package(path: "../HubCore")],
    targets: [
        .executableTarget(name: "child", dependencies: ["HubCore"]),
        .testTarget(name: "HubCoreTests", dependencies: ["HubCore"]),
    ],
    swiftLanguageModes: [.v6]
)
