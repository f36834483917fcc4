// Package process has the types of the profiler that are named where nothing is profiled.
package process

import "io"

// ReadAtCloser reads an executable.
type ReadAtCloser interface {
	io.ReaderAt
	io.Closer
}
