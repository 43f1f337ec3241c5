#!/bin/sh
# Makes the certificates of the tests, by OpenSSL 3: a private root, two of one name, and one whose time has
# passed. They are good for a hundred years; run this only to change them. None is used anywhere else.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/new"
: >"$work/index"
cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = tests
[tests]
database = $work/index
new_certs_dir = $work/new
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:hub.test, IP:127.0.0.1
CNF
key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
key "$work/root.key"
openssl req -x509 -new -key "$work/root.key" -days 36500 -subj "/CN=Root of the hub's tests" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out root.pem
server() {
    key "$1.key.pem"
    openssl req -new -key "$1.key.pem" -subj /CN=hub.test -out "$work/$1.csr"
    openssl ca -batch -notext -config "$work/ca.cnf" -extensions server -keyfile "$work/root.key" -cert root.pem \
        -startdate "$2" -enddate "$3" -in "$work/$1.csr" -out "$1.pem"
}
server first 20260101000000Z 21260101000000Z
server second 20260101000000Z 21260101000000Z
server expired 20200101000000Z 20210101000000Z
