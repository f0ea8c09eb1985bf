// Package wsclient dials WebSocket servers: it reads URLs, connects over TCP,
// TLS or a unix socket, does the client's side of the opening handshake (RFC
// 6455 §4.1) and hands over a connection.
package wsclient
