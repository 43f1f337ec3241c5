// swift-tools-version: 6.0
import PackageDescription

// The native library is found by the linker: `-Xlinker -L` names its folder, as docs/BINDINGS.md says.
let package = Package(
    name: "HubCore",
    platforms: [.macOS(.v13), .iOS(.v16)],
    products: [.library(name: "HubCore", targets: ["HubCore", "Border"])],
    targets: [
        .systemLibrary(name: "HubCoreNative"),
        // Written by UniFFI, which writes Swift 5.
        .target(name: "Border", dependencies: ["HubCoreNative"], swiftSettings: [.swiftLanguageMode(.v5)]),
        .target(name: "HubCore", dependencies: ["Border"]),
    ],
    swiftLanguageModes: [.v6]
)
