// Package report shows a load.Report to people: as text for a terminal, and as one
// HTML page with plots that needs nothing else. What a peer sent is escaped in both.
package report
