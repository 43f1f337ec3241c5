#!/bin/sh
# Packs the AAR of the Kotlin library, which is the same Kotlin as on any other machine, with the native library of each
# ABI of Android. It needs a JDK alone: what Android has of its own is a manifest.
#
#   pack.sh CLASSES JNILIBS AAR
#
# CLASSES is the folder `classes` that Maven compiled into, JNILIBS has `arm64-v8a/libhub_core_native.so` and its like.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
classes=$1 jnilibs=$2 aar=$3
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

cp "$here/AndroidManifest.xml" "$here/proguard.txt" "$room"
# There are no resources.
: > "$room/R.txt"
# Without the native libraries of other machines, which lie beside the classes.
jar --create --no-manifest --file "$room/classes.jar" -C "$classes" io -C "$classes" META-INF
for library in "$jnilibs"/*/libhub_core_native.so; do
    abi=$(basename "$(dirname "$library")")
    mkdir -p "$room/jni/$abi"
    cp "$library" "$room/jni/$abi"
done
jar --create --no-manifest --file "$aar" -C "$room" .
