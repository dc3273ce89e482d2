#!/bin/sh
# Makes the certificates that clients show in the tests, again. Their key is key.pem and guards nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sign NAME COMMON-NAME USAGE SUBJECT-ALTERNATIVE-NAMES START END
sign() {
    openssl req -new -config "$work/ca.conf" -key key.pem -subj "/CN=$2" -out "$work/$1.csr"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4" >"$work/$1.ext"
    openssl ca -batch -notext -config "$work/ca.conf" -extfile "$work/$1.ext" \
        -startdate "$5" -enddate "$6" -in "$work/$1.csr" -out "$1.pem" 2>/dev/null
}

cat >"$work/ca.conf" <<CONF
[ca]
default_ca = test
[test]
database = $work/index
serial = $work/serial
new_certs_dir = $work
certificate = client-ca.pem
private_key = $work/ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
CONF
: >"$work/index"
echo 01 >"$work/serial"

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ca.key" 2>/dev/null
openssl req -new -config "$work/ca.conf" -key "$work/ca.key" -subj "/CN=torii test client root" -out "$work/ca.csr"
openssl ca -batch -notext -selfsign -config "$work/ca.conf" -extensions root -keyfile "$work/ca.key" \
    -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/ca.csr" -out client-ca.pem 2>/dev/null

names="URI:spiffe://corp.example/acme/ci,DNS:ci.acme.example,email:ci@acme.example"
other="URI:spiffe://corp.example/other/ci"
sign client-acme ci.acme clientAuth "$names" 20200101000000Z 21200101000000Z
sign client-other ci.other clientAuth "$other" 20200101000000Z 21200101000000Z
sign client-unknown nobody clientAuth "URI:spiffe://elsewhere.example/ci" 20200101000000Z 21200101000000Z
sign client-expired ci.acme clientAuth "$names" 20200101000000Z 20200201000000Z
sign client-early ci.acme clientAuth "$names" 21190101000000Z 21200101000000Z
sign client-server ci.acme serverAuth "$names" 20200101000000Z 21200101000000Z
