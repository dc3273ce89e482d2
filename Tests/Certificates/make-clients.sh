#!/bin/sh
# Makes the certificates that clients show in the tests, again. Their key is key.pem and guards nothing.
set -eu
cd "$(dirname "$0")"
# shellcheck source=Tests/Certificates/authority.sh
. ./authority.sh

authority "torii test client root" client-ca.pem
names="URI:spiffe://corp.example/acme/ci,DNS:ci.acme.example,email:ci@acme.example"
other="URI:spiffe://corp.example/other/ci"
sign client-acme ci.acme clientAuth "$names" 20200101000000Z 21200101000000Z
sign client-other ci.other clientAuth "$other" 20200101000000Z 21200101000000Z
sign client-unknown nobody clientAuth "URI:spiffe://elsewhere.example/ci" 20200101000000Z 21200101000000Z
sign client-expired ci.acme clientAuth "$names" 20200101000000Z 20200201000000Z
sign client-early ci.acme clientAuth "$names" 21190101000000Z 21200101000000Z
sign client-server ci.acme serverAuth "$names" 20200101000000Z 21200101000000Z
