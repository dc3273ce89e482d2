# shellcheck shell=sh
# An authority of certificates for the tests, sourced by those who make them: it lives in $work and is gone with it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# authority COMMON-NAME FILE: its key stays in $work/ca.key
authority() {
    cat >"$work/ca.conf" <<CONF
[ca]
default_ca = test
[test]
database = $work/index
serial = $work/serial
new_certs_dir = $work
certificate = $2
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
    key "$work/ca.key"
    openssl req -new -config "$work/ca.conf" -key "$work/ca.key" -subj "/CN=$1" -out "$work/ca.csr"
    openssl ca -batch -notext -selfsign -config "$work/ca.conf" -extensions root -keyfile "$work/ca.key" \
        -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/ca.csr" -out "$2" 2>/dev/null
}

# sign NAME COMMON-NAME USAGE SUBJECT-ALTERNATIVE-NAMES START END
sign() {
    openssl req -new -config "$work/ca.conf" -key key.pem -subj "/CN=$2" -out "$work/$1.csr"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4" >"$work/$1.ext"
    openssl ca -batch -notext -config "$work/ca.conf" -extfile "$work/$1.ext" \
        -startdate "$5" -enddate "$6" -in "$work/$1.csr" -out "$1.pem" 2>/dev/null
}
