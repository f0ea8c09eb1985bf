package scripts

import _ "embed"

//go:embed wskit.d.ts
var declarations string

// Declarations returns the TypeScript declarations of what a script sees, for editors.
func Declarations() string { return declarations }
