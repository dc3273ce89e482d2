#!/bin/sh
# Makes the certificates that the tests use, again. Their keys guard nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# sign NAME SUBJECT-ALTERNATIVE-NAMES START END
sign() {
    openssl req -new -key key.pem -subj "/CN=torii test $1" -out "$work/$1.csr"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$2" >"$work/$1.ext"
    openssl ca -batch -notext -config "$work/ca.conf" -extfile "$work/$1.ext" \
        -startdate "$3" -enddate "$4" -in "$work/$1.csr" -out "$1.pem" 2>/dev/null
}

cat >"$work/ca.conf" <<EOF
[ca]
default_ca = test
[test]
database = $work/index
serial = $work/serial
new_certs_dir = $work
certificate = ca.pem
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
EOF
: >"$work/index"
echo 01 >"$work/serial"

key "$work/ca.key"
key key.pem
openssl req -new -config "$work/ca.conf" -key "$work/ca.key" -subj "/CN=torii test root" -out "$work/ca.csr"
openssl ca -batch -notext -selfsign -config "$work/ca.conf" -extensions root -keyfile "$work/ca.key" \
    -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/ca.csr" -out ca.pem 2>/dev/null

here="DNS:localhost,IP:127.0.0.1,IP:::1"
sign valid "$here" 20200101000000Z 21200101000000Z
sign expired "$here" 20200101000000Z 20200201000000Z
sign wrong-host "DNS:elsewhere.example" 20200101000000Z 21200101000000Z
openssl req -new -key key.pem -subj "/CN=torii test self-signed" -out "$work/self.csr"
printf 'subjectAltName=%s\n' "$here" >"$work/self.ext"
openssl ca -batch -notext -selfsign -config "$work/ca.conf" -keyfile key.pem -extfile "$work/self.ext" \
    -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/self.csr" -out self-signed.pem 2>/dev/null
