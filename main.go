// Command wskit is a toolkit for WebSocket: it serves, connects and inspects.
package main

func main() {}
