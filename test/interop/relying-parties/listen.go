package main

import (
	"net"
	"net/url"
)

// listen opens the port of the issuer's address, which is in the tokens and so is fixed before.
func listen(issuer string) net.Listener {
	address, err := url.Parse(issuer)
	must(err)
	listener, err := net.Listen("tcp", address.Host)
	must(err)
	return listener
}
