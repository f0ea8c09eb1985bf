// Package report shows a conform.Report to people and to programs: as text for a
// terminal, as a JUnit file, and as one HTML page with the agents side by side. What a
// peer sent, and what a file holds, is escaped in all of them.
package report
