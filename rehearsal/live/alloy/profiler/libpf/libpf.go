// Package libpf has the types of the profiler that are named where nothing is profiled.
package libpf

// FileID names an executable.
type FileID string

// Hash32 of the name.
func (FileID) Hash32() uint32 { return 0 }

// StringNoQuotes is the name.
func (id FileID) StringNoQuotes() string { return string(id) }

// FrameMappingFileData describes an executable.
type FrameMappingFileData struct {
	FileID     FileID
	FileName   FileName
	GnuBuildID string
}

// FileName is the path of an executable.
type FileName string

// String is the path.
func (name FileName) String() string { return string(name) }
