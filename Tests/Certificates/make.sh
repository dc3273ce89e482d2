#!/bin/sh
# Makes the certificates that the tests use, again. Their keys guard nothing; make-clients.sh signs for the same one, and has
# to run after this.
set -eu
cd "$(dirname "$0")"
# shellcheck source=Tests/Certificates/authority.sh
. ./authority.sh

authority "torii test root" ca.pem
key key.pem
here="DNS:localhost,IP:127.0.0.1,IP:::1"
sign valid "torii test valid" serverAuth "$here" 20200101000000Z 21200101000000Z
sign expired "torii test expired" serverAuth "$here" 20200101000000Z 20200201000000Z
sign wrong-host "torii test wrong-host" serverAuth "DNS:elsewhere.example" 20200101000000Z 21200101000000Z
openssl req -new -config "$work/ca.conf" -key key.pem -subj "/CN=torii test self-signed" -out "$work/self.csr"
printf 'subjectAltName=%s\n' "$here" >"$work/self.ext"
openssl ca -batch -notext -selfsign -config "$work/ca.conf" -keyfile key.pem -extfile "$work/self.ext" \
    -startdate 20200101000000Z -enddate 21200101000000Z -in "$work/self.csr" -out self-signed.pem 2>/dev/null
