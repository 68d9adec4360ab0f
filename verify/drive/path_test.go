package drive

import "testing"

func TestRelative(t *testing.T) {
	tests := []struct {
		dir, path, want string
		ok              bool
	}{
		{"/", "/", ".", true}, {"/", "/a/b", "a/b", true}, {"/a", "/a", ".", true},
		{"/a", "/a/b", "b", true}, {"/a", "/ab", "", false}, {"/a/b", "/a", "", false},
		{".", ".", ".", true}, {".", "a/b", "a/b", true}, {"a", "a", ".", true}, {"a", "a/b/c", "b/c", true},
		{"a", "ab", "", false}, {"a/b", "a", "", false}, {"a", ".", "", false}, {"\xff", "\xff/b", "b", true},
	}
	for _, test := range tests {
		if got, ok := Relative(test.dir, test.path); ok != test.ok || ok && got != test.want {
			t.Errorf("Relative(%s, %s) got %q, %v", test.dir, test.path, got, ok)
		}
	}
}

func TestSplitAndJoin(t *testing.T) {
	for _, test := range []struct{ path, folder, name string }{
		{"a", ".", "a"}, {"a/b", "a", "b"}, {"a/b/c", "a/b", "c"}, {"\xff/\xfe", "\xff", "\xfe"}, {".", ".", "."},
	} {
		if folder, name := Split(test.path); folder != test.folder || name != test.name {
			t.Errorf("Split(%q) got %q, %q", test.path, folder, name)
		}
		if got := Join(test.folder, test.name); got != test.path {
			t.Errorf("Join(%q, %q) got %q, want %q", test.folder, test.name, got, test.path)
		}
	}
	for _, root := range []string{".", ""} {
		if a, b := Join(root, "a/b"), Join("a/b", root); a != "a/b" || b != "a/b" {
			t.Errorf("with the root %q: got %q and %q", root, a, b)
		}
	}
}
