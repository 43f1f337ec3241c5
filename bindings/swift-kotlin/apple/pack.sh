#!/bin/sh
# Packs the Swift package of a release for Apple's systems: an XCFramework of static libraries, and HubCore with that as
# its binary target. On macOS with Xcode and rustup, in the root of the tree. Nobody has run it yet.
#
#   bindings/swift-kotlin/apple/pack.sh OUT URL
#
# URL is where `HubCoreNative.xcframework.zip` will be got from.
set -eu
out=$1 url=$2
package=bindings/swift-kotlin/HubCore
framework=HubCoreNative.xcframework

built() {
    echo "target/$1/release/libhub_core_native.a"
}
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    rustup target add "$target"
    cargo rustc --release --locked --lib --crate-type staticlib --target "$target" --package hub-core-swift-kotlin
done

mkdir -p "$out/headers" "$out/simulator" "$out/macos"
cp "$package/Sources/HubCoreNative/HubCoreNative.h" "$out/headers"
# A static library is named by the framework: the module links nothing by itself.
grep -v '^ *link ' "$package/Sources/HubCoreNative/module.modulemap" > "$out/headers/module.modulemap"
# A framework has one library for a system: what differs by processor alone goes into one.
lipo -create "$(built aarch64-apple-ios-sim)" "$(built x86_64-apple-ios)" -output "$out/simulator/libhub_core_native.a"
lipo -create "$(built aarch64-apple-darwin)" "$(built x86_64-apple-darwin)" -output "$out/macos/libhub_core_native.a"
xcodebuild -create-xcframework -output "$out/$framework" \
    -library "$(built aarch64-apple-ios)" -headers "$out/headers" \
    -library "$out/simulator/libhub_core_native.a" -headers "$out/headers" \
    -library "$out/macos/libhub_core_native.a" -headers "$out/headers"
(cd "$out" && zip --quiet --recurse-paths --symlinks "$framework.zip" "$framework")

checksum=$(swift package compute-checksum "$out/$framework.zip")
cp -R "$package" "$out/HubCore"
rm -r "$out/HubCore/Sources/HubCoreNative"
binary=".binaryTarget(name: \"HubCoreNative\", url: \"$url\", checksum: \"$checksum\")"
sed "s|\.systemLibrary(name: \"HubCoreNative\")|$binary|" "$package/Package.swift" > "$out/HubCore/Package.swift"
grep -q binaryTarget "$out/HubCore/Package.swift"
